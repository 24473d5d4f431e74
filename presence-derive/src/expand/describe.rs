//! What schemars and ts-rs learn of a type: a copy with their derives and with our rules in their
//! words, to which the type's own impls point. All of it goes through a macro of the runtime that
//! is empty without the feature `codegen`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{DeriveInput, Ident};

use super::call::Call;
use super::words::rules;
use super::{Context, brackets, data};
use crate::model::{Body, Content, Field, Fields, Model, Tag, Variant};

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
    // Without bounds, which the derives put themselves.
    let arguments = brackets(&context.model.told());
    let (item, body, [words, ts_words], unknown) = match body {
        Body::Struct(all) => {
            let fields = fields(context, 0, all, &mut defaults);
            let fields = quote!(#arguments #fields);
            (
                quote!(struct),
                fields,
                Default::default(),
                quote!(, deny_unknown_fields),
            )
        }
        Body::Newtype(it) => {
            let ty = it.payload.looks();
            let rules = rules(&it.payload);
            let field = quote!(#arguments (#rules #ty););
            (
                quote!(struct),
                field,
                Default::default(),
                TokenStream::new(),
            )
        }
        Body::Enum(tag, all) => {
            let variants: Vec<_> = all
                .iter()
                .enumerate()
                .map(|(i, it)| variant(context, i, it, &mut defaults))
                .collect();
            let variants = quote!({ #(#variants,)* });
            (
                quote!(enum),
                variants,
                [tags(tag, str::to_owned), tags(tag, escaped)],
                quote!(, deny_unknown_fields),
            )
        }
    };
    let functions = &defaults.0;
    let docs = doc(docs);
    let schemars = path(&quote!(#private::schemars));
    let ts_rs = path(&quote!(#private::ts_rs));
    let shadow = Ident::new("__Described", ident.span());
    let (generics, itself, bounds) = context.split();
    let subject = Subject {
        generics,
        itself,
        bounds,
        shadow: quote!(#shadow #arguments),
        name: context.is_generic().then(|| context.name()),
    };
    let delegated = delegated(&subject, &ident.to_string(), private);
    quote! {
        #private::describe! {
            #[derive(#private::schemars::JsonSchema, #private::ts_rs::TS)]
            #[schemars(crate = #schemars, rename = #name #unknown #words)]
            #[ts(crate = #ts_rs, rename = #name #ts_words)]
            #[allow(dead_code, missing_docs)]
            #docs
            #visibility #item #shadow #body

            #(#functions)*

            #delegated
        }
    }
}

/// A type and the copy that is asked for it.
struct Subject {
    generics: TokenStream,
    itself: TokenStream,
    bounds: TokenStream,
    shadow: TokenStream,
    /// The name of a type with parameters, each use of which has its own.
    name: Option<TokenStream>,
}

/// What satisfies the bounds of a type with mistakes.
pub fn fallback(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let (generics, itself, bounds) = super::split(&input.ident, &input.generics, private, &[]);
    let subject = Subject {
        generics,
        itself,
        bounds,
        shadow: quote!(bool),
        name: None,
    };
    let delegated = delegated(&subject, &input.ident.to_string(), private);
    quote!(#private::describe! { #delegated })
}

/// The impls of the type itself, which ask the copy.
fn delegated(subject: &Subject, id: &str, private: &TokenStream) -> TokenStream {
    let Subject {
        generics,
        itself,
        bounds,
        shadow,
        name,
    } = subject;
    let schema = quote!(<#shadow as #private::schemars::JsonSchema>);
    let ts = quote!(<#shadow as #private::ts_rs::TS>);
    let id = quote!(::core::concat!(::core::module_path!(), "::", #id));
    let (schema_name, schema_id, ts_name, ts_decl) = match name {
        None => (
            quote!(#schema::schema_name()),
            quote!(::std::borrow::Cow::Borrowed(#id)),
            quote!(#ts::name(config)),
            quote!(#ts::decl(config)),
        ),
        Some(name) => (
            quote!(::std::borrow::Cow::Borrowed(#name)),
            quote!(::std::borrow::Cow::Owned(
                ::std::format!("{}<{}>", #id, #name)
            )),
            quote!(::std::string::String::from(#name)),
            quote!(::std::format!("type {} = {};", #name, #ts::inline(config))),
        ),
    };
    let ts_ident = match name {
        None => quote!(#ts::ident(config)),
        Some(_) => ts_name.clone(),
    };
    quote! {
        #[automatically_derived]
        impl #generics #private::schemars::JsonSchema for #itself #bounds {
            fn inline_schema() -> bool {
                #schema::inline_schema()
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                #schema_name
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                #schema_id
            }

            fn json_schema(
                generator: &mut #private::schemars::SchemaGenerator,
            ) -> #private::schemars::Schema {
                #schema::json_schema(generator)
            }
        }

        #[automatically_derived]
        impl #generics #private::ts_rs::TS for #itself #bounds {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;
            const IS_ENUM: bool = #ts::IS_ENUM;

            fn docs() -> ::core::option::Option<::std::string::String> {
                #ts::docs()
            }

            fn ident(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts_ident
            }

            fn decl(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts_decl
            }

            fn decl_concrete(config: &#private::ts_rs::Config) -> ::std::string::String {
                Self::decl(config)
            }

            fn name(config: &#private::ts_rs::Config) -> ::std::string::String {
                #ts_name
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

fn tags(tag: &Tag, spelled: fn(&str) -> String) -> TokenStream {
    match tag {
        Tag::External => TokenStream::new(),
        Tag::Internal(tag) => {
            let tag = spelled(&tag.value);
            quote!(, tag = #tag)
        }
        Tag::Adjacent(tag, content) => {
            let (tag, content) = (spelled(&tag.value), spelled(&content.value));
            quote!(, tag = #tag, content = #content)
        }
    }
}

fn variant(
    context: &Context<'_>,
    index: usize,
    variant: &Variant,
    defaults: &mut Defaults,
) -> TokenStream {
    let Variant {
        ident,
        key,
        docs,
        content,
    } = variant;
    let key = &key.value;
    let ts_key = escaped(key);
    let docs = doc(docs);
    let content = match content {
        Content::Unit => TokenStream::new(),
        Content::Newtype(payload) => {
            let ty = payload.looks();
            let rules = rules(payload);
            quote!((#rules #ty))
        }
        Content::Struct(all) => fields(context, index, all, defaults),
    };
    quote!(#docs #[schemars(rename = #key)] #[ts(rename = #ts_key)] #ident #content)
}

fn fields(
    context: &Context<'_>,
    set: usize,
    fields: &Fields,
    defaults: &mut Defaults,
) -> TokenStream {
    let private = &context.private;
    let fields = fields.said.iter().enumerate().map(|(i, field)| {
        let Field {
            ident,
            key,
            docs,
            payload,
            ..
        } = field;
        let (key, ty) = (&key.value, payload.looks());
        let ts_key = escaped(key);
        let docs = doc(docs);
        let rules = rules(payload);
        let has_default = field.default.is_some() && !data::defaults_to_null(field);
        let is_generic = context.is_generic();
        // A function cannot know what the parameters of a type are, so that there is one is all
        // that schemars learns.
        let unsaid = (has_default && is_generic)
            .then(|| quote!(#[schemars(extend("x-presence-default" = true))]));
        let default = (has_default && !is_generic).then(|| defaults.function(context, field));
        let default = default.flatten().map(|function| {
            let path = function.to_string();
            let call = Call::new(context, &TokenStream::new(), set, i, field);
            let json = call.json(context, &quote!(#function()));
            let value = quote!(#private::json_value(&#json));
            quote! {
                #[schemars(default = #path, extend("default" = #value))]
            }
        });
        let server = field
            .server
            .as_ref()
            .map(|_| quote!(#[schemars(extend("readOnly" = true))]));
        let left_out = path(&quote!(#private::left_out));
        let omitted = field.omit.as_ref().map(|_| {
            if payload.kind.is_option() {
                return quote! {
                    #[schemars(skip_serializing_if = #left_out)]
                    #[ts(optional = nullable)]
                };
            }
            let option = format!("::core::option::Option<{}>", ty.to_token_stream());
            quote! {
                #[schemars(skip_serializing_if = #left_out)]
                #[ts(optional, as = #option)]
            }
        });
        quote! {
            #docs #[schemars(rename = #key)] #[ts(rename = #ts_key)]
            #unsaid #default #rules #server #omitted #ident: #ty
        }
    });
    quote!({ #(#fields,)* })
}

/// A key as it stands between the quotes of TypeScript: ts-rs puts them around whatever it is given.
fn escaped(key: &str) -> String {
    let mut text = String::new();
    for c in key.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\0'..' ' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

/// Said to schemars alone, and not as a doc comment: it would take a heading for a title, and ts-rs
/// would end its comment with a `*/` in ours.
fn doc(docs: &str) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| quote!(#[schemars(description = #docs)]))
}

fn path(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}
