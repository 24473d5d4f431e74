//! One entry of an attribute, and the kinds of value it can have. Every reader reports what it
//! cannot read, with an example of what it can.

use std::time::Duration;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, Meta, Path, UnOp};

use super::{duration, source};
use crate::errors::Errors;
use crate::model::{Number, Spanned};

/// `key`, `key = value` or `key(…)`.
pub struct Entry {
    pub key: String,
    pub meta: Meta,
}

impl Entry {
    pub fn new(meta: Meta) -> Self {
        let key = source(meta.path()).replace(' ', "");
        Self { key, meta }
    }

    /// Where the key stands.
    pub fn span(&self) -> Span {
        self.meta.path().span()
    }

    /// Whether the key stands alone.
    pub fn is_bare(&self) -> bool {
        matches!(self.meta, Meta::Path(_))
    }

    /// `key = "text"`.
    pub fn string(&self, example: &str, errors: &Errors) -> Option<LitStr> {
        match self.value() {
            Some(Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            })) => Some(text.clone()),
            _ => self.expected(example, errors),
        }
    }

    /// `key = "a::path"`.
    pub fn path(&self, example: &str, errors: &Errors) -> Option<Path> {
        let text = self.string(example, errors)?;
        match text.parse_with(Path::parse_mod_style) {
            Ok(path) => Some(path),
            Err(_) => self.expected(example, errors),
        }
    }

    /// `key = "30s"`.
    pub fn duration(&self, example: &str, errors: &Errors) -> Option<Spanned<Duration>> {
        let text = self.string(example, errors)?;
        match duration::parse(&text.value()) {
            Some(value) => Some(Spanned {
                value,
                span: text.span(),
            }),
            None => {
                errors.on(
                    &text,
                    format!(
                        "`{}` is no duration: write a whole number and ms, s, min or h, such as `{example}`",
                        text.value()
                    ),
                );
                None
            }
        }
    }

    /// `key = 32`.
    pub fn count(&self, example: &str, errors: &Errors) -> Option<Spanned<usize>> {
        let value = self.value();
        let count = value.and_then(number).and_then(|it| it.integer);
        match (value, count.and_then(|it| usize::try_from(it).ok())) {
            (Some(value), Some(count)) => Some(Spanned {
                value: count,
                span: value.span(),
            }),
            _ => self.expected(example, errors),
        }
    }

    /// `key = -1.5`.
    pub fn number(&self, example: &str, errors: &Errors) -> Option<Spanned<Number>> {
        let value = self.value();
        match (value, value.and_then(number)) {
            (Some(value), Some(number)) if number.value.is_finite() => Some(Spanned {
                value: number,
                span: value.span(),
            }),
            _ => self.expected(example, errors),
        }
    }

    fn value(&self) -> Option<&Expr> {
        match &self.meta {
            Meta::NameValue(it) => Some(&it.value),
            Meta::Path(_) | Meta::List(_) => None,
        }
    }

    fn expected<T>(&self, example: &str, errors: &Errors) -> Option<T> {
        match &self.meta {
            Meta::NameValue(it) => errors.on(
                &it.value,
                format!("expected `{example}`, found `{}`", source(&it.value)),
            ),
            meta => errors.on(
                meta,
                format!("expected `{example}`, found `{}`", source(meta)),
            ),
        }
        None
    }
}

fn number(expression: &Expr) -> Option<Number> {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(it) => {
                let integer: i128 = it.base10_parse().ok()?;
                Some(Number {
                    value: integer as f64,
                    integer: Some(integer),
                })
            }
            Lit::Float(it) => Some(Number {
                value: it.base10_parse().ok()?,
                integer: None,
            }),
            _ => None,
        },
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => number(expr).map(|it| Number {
            value: -it.value,
            integer: it.integer.map(|integer| -integer),
        }),
        Expr::Group(it) => number(&it.expr),
        _ => None,
    }
}
