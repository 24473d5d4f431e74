//! What schemars and ts-rs learn of a type: a copy with their derives and with our rules in their
//! words, to which the type's own impls point. All of it goes through a macro of the runtime that
//! is empty without the feature `codegen`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::Ident;

use super::{Context, data};
use crate::kind::{Kind, Leaf, Nest, SAFE};
use crate::model::{Body, Content, Field, Model, Number, Payload, Rules, Spanned, Tag, Variant};

pub fn expand(context: &Context<'_>) -> TokenStream {
    let private = &context.private;
    let Model {
        ident,
        visibility,
        name,
        docs,
        body,
        ..
    } = context.model;
    let mut defaults = Defaults::default();
    let (item, body, tags) = match body {
        Body::Struct(all) => {
            let fields = fields(context, all, &mut defaults);
            (quote!(struct), fields, TokenStream::new())
        }
        Body::Enum(tag, all) => {
            let variants: Vec<_> = all
                .iter()
                .map(|it| variant(context, it, &mut defaults))
                .collect();
            (quote!(enum), quote!({ #(#variants,)* }), tags(tag))
        }
    };
    let functions = &defaults.0;
    let docs = doc(docs);
    let schemars = path(&quote!(#private::schemars));
    let ts_rs = path(&quote!(#private::ts_rs));
    let shadow = Ident::new("__Described", ident.span());
    let delegated = delegated(ident, &shadow, private);
    quote! {
        #private::describe! {
            #[derive(#private::schemars::JsonSchema, #private::ts_rs::TS)]
            #[schemars(crate = #schemars, rename = #name, deny_unknown_fields #tags)]
            #[ts(crate = #ts_rs, rename = #name #tags)]
            #[allow(dead_code, missing_docs)]
            #docs
            #visibility #item #shadow #body

            #(#functions)*

            #delegated
        }
    }
}

/// What satisfies the bounds of a type with mistakes.
pub fn fallback(ident: &Ident, private: &TokenStream) -> TokenStream {
    let delegated = delegated(ident, &Ident::new("bool", ident.span()), private);
    quote!(#private::describe! { #delegated })
}

/// The impls of the type itself, which ask the copy.
fn delegated(ident: &Ident, shadow: &Ident, private: &TokenStream) -> TokenStream {
    let schema = quote!(<#shadow as #private::schemars::JsonSchema>);
    let ts = quote!(<#shadow as #private::ts_rs::TS>);
    let id = ident.to_string();
    quote! {
        #[automatically_derived]
        impl #private::schemars::JsonSchema for #ident {
            fn inline_schema() -> bool {
                #schema::inline_schema()
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                #schema::schema_name()
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(::core::concat!(::core::module_path!(), "::", #id))
            }

            fn json_schema(
                generator: &mut #private::schemars::SchemaGenerator,
            ) -> #private::schemars::Schema {
                #schema::json_schema(generator)
            }
        }

        #[automatically_derived]
        impl #private::ts_rs::TS for #ident {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;
            const IS_ENUM: bool = #ts::IS_ENUM;

            fn docs() -> ::core::option::Option<::std::string::String> {
                #ts::docs()
            }

            fn ident(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts::ident(config)
            }

            fn decl(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts::decl(config)
            }

            fn decl_concrete(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts::decl_concrete(config)
            }

            fn name(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts::name(config)
            }

            fn inline(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts::inline(config)
            }

            fn inline_flattened(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts::inline_flattened(config)
            }

            fn visit_dependencies(visitor: &mut impl #private::ts_rs::TypeVisitor) {
                #ts::visit_dependencies(visitor)
            }

            fn output_path() -> ::core::option::Option<::std::path::PathBuf> {
                #ts::output_path()
            }
        }
    }
}

/// Functions that schemars calls for the defaults of fields.
#[derive(Default)]
struct Defaults(Vec<TokenStream>);

impl Defaults {
    /// The name of a function that returns the field's default.
    fn function(&mut self, context: &Context<'_>, field: &Field) -> Option<Ident> {
        let default = data::default(context, field)?;
        let name = format_ident!("__default_{}", self.0.len());
        let ty = &field.payload.ty;
        self.0.push(quote!(fn #name() -> #ty { #default }));
        Some(name)
    }
}

fn tags(tag: &Tag) -> TokenStream {
    match tag {
        Tag::External => TokenStream::new(),
        Tag::Internal(tag) => {
            let tag = &tag.value;
            quote!(, tag = #tag)
        }
        Tag::Adjacent(tag, content) => {
            let (tag, content) = (&tag.value, &content.value);
            quote!(, tag = #tag, content = #content)
        }
    }
}

fn variant(context: &Context<'_>, variant: &Variant, defaults: &mut Defaults) -> TokenStream {
    let Variant {
        ident,
        key,
        docs,
        content,
    } = variant;
    let key = &key.value;
    let docs = doc(docs);
    let content = match content {
        Content::Unit => TokenStream::new(),
        Content::Newtype(payload) => {
            let ty = &payload.ty;
            let rules = rules(payload);
            quote!((#rules #ty))
        }
        Content::Struct(all) => fields(context, all, defaults),
    };
    quote!(#docs #[schemars(rename = #key)] #[ts(rename = #key)] #ident #content)
}

fn fields(context: &Context<'_>, fields: &[Field], defaults: &mut Defaults) -> TokenStream {
    let private = &context.private;
    let fields = fields.iter().map(|field| {
        let Field {
            ident,
            key,
            docs,
            payload,
            ..
        } = field;
        let (key, ty) = (&key.value, &payload.ty);
        let docs = doc(docs);
        let rules = rules(payload);
        let default = (!data::defaults_to_null(field)).then(|| defaults.function(context, field));
        let default = default.flatten().map(|function| {
            let path = function.to_string();
            quote! {
                #[schemars(
                    default = #path,
                    extend("default" = #private::json_value(&#function()))
                )]
            }
        });
        quote!(#docs #[schemars(rename = #key)] #[ts(rename = #key)] #default #rules #ident: #ty)
    });
    quote!({ #(#fields,)* })
}

/// The rules of a field in the words of schemars.
fn rules(payload: &Payload) -> TokenStream {
    let mut words = leaf_rules(&payload.kind, &payload.rules);
    for nest in payload.kind.nests.iter().rev() {
        if let (Nest::List, Some(items)) = (nest, payload.rules.max_items) {
            let items = items.value;
            let inner = (!words.is_empty()).then(|| quote!(, inner(#words)));
            words = quote!(length(max = #items) #inner);
        }
    }
    if words.is_empty() {
        return words;
    }
    quote!(#[schemars(#words)])
}

fn leaf_rules(kind: &Kind, rules: &Rules) -> TokenStream {
    let length = || {
        let bound = |it: Option<Spanned<usize>>| it.map(|it| it.value.to_token_stream());
        bounds(
            &quote!(length),
            bound(rules.min_chars),
            bound(rules.max_chars),
        )
    };
    let range = |min: Option<TokenStream>, max: Option<TokenStream>| {
        let given = |it: Option<Spanned<Number>>| it.map(|it| number(it.value));
        bounds(
            &quote!(range),
            given(rules.min).or(min),
            given(rules.max).or(max),
        )
    };
    match kind.leaf {
        Leaf::String => length(),
        // schemars gives formats to integers, but not to all of them bounds.
        Leaf::Integer(it) => range(
            Some(integer(it.min.max(-SAFE))),
            Some(integer(it.max.min(SAFE))),
        ),
        Leaf::F32 | Leaf::F64 => range(None, None),
        Leaf::Named => {
            let (range, length) = (range(None, None), length());
            let comma = (!range.is_empty() && !length.is_empty()).then(|| quote!(,));
            quote!(#range #comma #length)
        }
        Leaf::Bool | Leaf::Refused(_) => TokenStream::new(),
    }
}

fn bounds(word: &TokenStream, min: Option<TokenStream>, max: Option<TokenStream>) -> TokenStream {
    match (min, max) {
        (Some(min), Some(max)) => quote!(#word(min = #min, max = #max)),
        (Some(min), None) => quote!(#word(min = #min)),
        (None, Some(max)) => quote!(#word(max = #max)),
        (None, None) => TokenStream::new(),
    }
}

fn number(number: Number) -> TokenStream {
    match number.integer {
        Some(it) => integer(it),
        None => data::float(number.value),
    }
}

fn integer(number: i128) -> TokenStream {
    let number = i64::try_from(number).expect("bounds stay within what JavaScript holds");
    number.to_token_stream()
}

fn doc(docs: &str) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| quote!(#[doc = #docs]))
}

fn path(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}
