//! What becomes of one field in each method: the calls differ where its wire form is another type's,
//! where a function judges it and where output may leave it out.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::{Context, data};
use crate::model::{Field, Form};

/// A field, where its data is found, and what its form is called.
pub struct Call<'a> {
    pub field: &'a Field,
    /// A place: the field's `Field`.
    pub data: TokenStream,
    form: Option<TokenStream>,
    leaf: Ident,
    judge: Ident,
}

impl<'a> Call<'a> {
    /// The field of this index among `set`, the number of a variant or 0.
    pub fn new(
        context: &Context<'_>,
        data: &TokenStream,
        set: usize,
        i: usize,
        field: &'a Field,
    ) -> Self {
        let leaf = format_ident!("__Form{set}_{i}");
        let wire = field.payload.wire.as_ref();
        Self {
            field,
            data: quote!(#data[#i]),
            form: wire.map(|it| form(context, it, &leaf)),
            leaf,
            judge: format_ident!("__judge{set}_{i}"),
        }
    }

    /// The function that judges the field, and the type that knows its wire form.
    pub fn items(&self, context: &Context<'_>) -> TokenStream {
        let judge = self.judge_item(context);
        let form = self.form_item(context);
        quote!(#judge #form)
    }

    /// The user's function is named once, so that what is wrong with it is said once.
    fn judge_item(&self, context: &Context<'_>) -> Option<TokenStream> {
        let path = self.field.validate.as_ref()?;
        let private = &context.private;
        let ty = &self.field.payload.ty;
        let name = &self.judge;
        let (generics, _, bounds) = context.split();
        Some(quote! {
            #[allow(non_snake_case)]
            fn #name #generics(value: &#ty)
                -> ::core::result::Result<(), ::std::string::String> #bounds
            {
                #private::verdict::<#ty, _>(value, #path)
            }
        })
    }

    /// The function that judges the field, with the parameters of the type.
    fn judge(&self, context: &Context<'_>) -> Option<TokenStream> {
        self.field.validate.as_ref()?;
        let name = &self.judge;
        let arguments = context.arguments();
        if arguments.is_empty() {
            return Some(quote!(#name));
        }
        Some(quote!(#name::#arguments))
    }

    fn form_item(&self, context: &Context<'_>) -> TokenStream {
        let Some(Form {
            rust,
            leaf: json,
            span,
            ..
        }) = &self.field.payload.wire
        else {
            return TokenStream::new();
        };
        let name = &self.leaf;
        let private = context.private_at(*span);
        let is_text = matches!(json, syn::Type::Path(it) if it.path.is_ident("String"));
        let looks = if is_text {
            quote_spanned!(*span=> <#rust as #private::Text>)
        } else {
            quote_spanned!(*span=> <#rust as #private::LooksLike<#json>>)
        };
        quote_spanned! {*span=>
            struct #name;

            #[automatically_derived]
            impl #private::Form for #name {
                type Rust = #rust;
                type Json = #json;

                fn send(value: &#rust) -> #json {
                    #looks::send(value)
                }

                fn take(json: #json) -> ::core::result::Result<#rust, ::std::string::String> {
                    #looks::take(json)
                }
            }
        }
    }

    /// Fills `self.field` with the value that comes next in `map`.
    pub fn take(&self, context: &Context<'_>) -> TokenStream {
        let (ident, data) = (&self.field.ident, &self.data);
        let ty = &self.field.payload.ty;
        let private = &context.private;
        let take = match &self.form {
            Some(form) => quote!(#private::take_form::<#form, __A>(&mut self.#ident, &#data, map)),
            None => context.ask(ty, "take", &quote!(&mut self.#ident, &#data, map)),
        };
        match self.judge(context) {
            None => take,
            Some(judge) => quote! {{
                #take?;
                #private::checked::<#ty, _>(&self.#ident, #judge)
            }},
        }
    }

    /// The value of `self.field` when all has come.
    pub fn whole(&self, context: &Context<'_>) -> TokenStream {
        let (ident, data) = (&self.field.ident, &self.data);
        let ty = &self.field.payload.ty;
        let private = &context.private;
        let default = data::default_function(context, self.field);
        match (&self.form, default) {
            (Some(form), Some(default)) => {
                quote!(#private::form_or_default::<#form, __E>(self.#ident, &#data, #default))
            }
            (Some(form), None) => {
                quote!(#private::required_form::<#form, __E>(self.#ident, &#data))
            }
            (None, Some(default)) => {
                context.ask(ty, "or_default", &quote!(self.#ident, &#data, #default))
            }
            (None, None) => context.ask(ty, "required", &quote!(self.#ident, &#data)),
        }
    }

    /// Writes the field, found under this expression, to `map`.
    pub fn put(&self, context: &Context<'_>, value: &TokenStream) -> TokenStream {
        let data = &self.data;
        let ty = &self.field.payload.ty;
        let private = &context.private;
        let put = match &self.form {
            Some(form) => quote!(#private::put_form::<#form, _>(#value, map, &#data)?;),
            None => {
                let put = context.ask(ty, "put", &quote!(#value, map, &#data));
                quote_spanned!(ty.span()=> #put?;)
            }
        };
        match &self.field.omit {
            None => put,
            Some(omit) => quote!(if !#omit(#value) { #put }),
        }
    }

    /// Whether the field, found under this expression, keeps its rules.
    pub fn keeps(&self, context: &Context<'_>, value: &TokenStream) -> TokenStream {
        let data = &self.data;
        let ty = &self.field.payload.ty;
        let private = &context.private;
        let keeps = match &self.form {
            Some(form) => quote!(#private::form_keeps::<#form>(#value, &#data.rules)),
            None => context.ask(ty, "keeps", &quote!(#value, &#data.rules)),
        };
        match self.judge(context) {
            None => keeps,
            Some(judge) => quote!(#keeps && #judge(#value).is_ok()),
        }
    }

    /// Expressions that name the field when its default breaks a rule, or one inside does.
    pub fn bad_defaults(&self, context: &Context<'_>) -> Vec<TokenStream> {
        let data = &self.data;
        let ty = &self.field.payload.ty;
        let private = &context.private;
        let mut found = Vec::new();
        if let Some(default) = data::default(context, self.field) {
            found.push(match &self.form {
                Some(form) => quote! {
                    (!#private::form_keeps::<#form>(&#default, &#data.rules)).then_some(#data.key)
                },
                None => context.ask(ty, "bad_default_of", &quote!(&#default, &#data)),
            });
            if let Some(judge) = self.judge(context) {
                found.push(quote!(#judge(&#default).is_err().then_some(#data.key)));
            }
            if let Some(omit) = &self.field.omit {
                found.push(quote!((!#omit(&#default)).then_some(#data.key)));
            }
        }
        if self.field.payload.kind.has_named() {
            found.push(context.ask(
                self.field.payload.looks(),
                "bad_default",
                &TokenStream::new(),
            ));
        }
        found
    }

    /// The JSON of this default.
    pub fn json(&self, context: &Context<'_>, default: &TokenStream) -> TokenStream {
        let ty = &self.field.payload.ty;
        let private = &context.private;
        match &self.form {
            Some(form) => quote!(#private::form_json::<#form>(&#default)),
            None => context.ask(ty, "json", &quote!(&#default)),
        }
    }

    /// What the code of the type says, as the judge asks.
    pub fn check(&self, context: &Context<'_>) -> TokenStream {
        let private = &context.private;
        let ty = &self.field.payload.ty;
        let rules = data::rules(context, &self.field.payload.rules);
        let judged = match (&self.form, &self.field.validate) {
            (None, None) => return quote!(::core::option::Option::None),
            (Some(form), _) => quote!(#private::judge_form::<#form>(json, &#rules)),
            (None, Some(_)) => quote!(#private::judged::<#ty>(json, &#rules)),
        };
        let verdict = match self.judge(context) {
            Some(judge) => quote!(#judged.and_then(|value| #judge(&value))),
            None => quote!(#judged.map(|_| ())),
        };
        quote!(::core::option::Option::Some(#private::Check { judge: |json| #verdict }))
    }
}

/// The form of a field, around the form of what is inside.
fn form(context: &Context<'_>, it: &Form, leaf: &Ident) -> TokenStream {
    let private = &context.private;
    let leaf = quote!(#leaf);
    it.nests.iter().rev().fold(leaf, |inner, nest| {
        let nest = format_ident!("{nest}Of");
        quote!(#private::#nest<#inner>)
    })
}
