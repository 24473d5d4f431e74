//! One entry of an attribute, and the kinds of value it can have. Every reader reports what it
//! cannot read, with an example of what it can.

use std::time::Duration;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, ExprPath, ExprUnary, Lit, LitStr, Meta, Path, Type, UnOp};

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

    /// `key = path` or `key = "path"` of a function.
    pub fn function(&self, example: &str, errors: &Errors) -> Option<Expr> {
        match self.value() {
            Some(path @ Expr::Path(_)) => Some(path.clone()),
            Some(Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            })) => match text.parse::<ExprPath>() {
                Ok(path) => Some(Expr::Path(path)),
                Err(_) => self.expected(example, errors),
            },
            _ => self.expected(example, errors),
        }
    }

    /// `key = "Type"`.
    pub fn ty(&self, example: &str, errors: &Errors) -> Option<Spanned<Type>> {
        let text = self.string(example, errors)?;
        match text.parse() {
            Ok(value) => Some(Spanned {
                value,
                span: text.span(),
            }),
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
        let given = self.value().and_then(number);
        let count = given.and_then(|it| usize::try_from(it.value.integer?).ok());
        match (given, count) {
            (Some(Spanned { span, .. }), Some(value)) => Some(Spanned { value, span }),
            _ => self.expected(example, errors),
        }
    }

    /// `key = -1.5`.
    pub fn number(&self, example: &str, errors: &Errors) -> Option<Spanned<Number>> {
        self.value()
            .and_then(number)
            .filter(|it| it.value.value.is_finite())
            .or_else(|| self.expected(example, errors))
    }

    fn value(&self) -> Option<&Expr> {
        match &self.meta {
            Meta::NameValue(it) => Some(bare(&it.value)),
            Meta::Path(_) | Meta::List(_) => None,
        }
    }

    fn expected<T>(&self, example: &str, errors: &Errors) -> Option<T> {
        match &self.meta {
            Meta::NameValue(it) => {
                let is_name = matches!(bare(&it.value), Expr::Path(_));
                let way_out = match is_name {
                    true if example.ends_with('"') => ": write it in quotes",
                    true => ": write the number out, for no macro sees what a name stands for",
                    false => "",
                };
                errors.on(
                    &it.value,
                    format!(
                        "expected `{example}`, found `{}`{way_out}",
                        source(&it.value)
                    ),
                );
            }
            meta => errors.on(
                meta,
                format!("expected `{example}`, found `{}`", source(meta)),
            ),
        }
        None
    }
}

/// The expression without the groups that macros put around it.
pub fn bare(mut expression: &Expr) -> &Expr {
    while let Expr::Group(it) = expression {
        expression = &it.expr;
    }
    expression
}

/// A number, at the place of its digits.
fn number(expression: &Expr) -> Option<Spanned<Number>> {
    match bare(expression) {
        Expr::Lit(ExprLit { lit, .. }) => {
            let (value, integer) = match lit {
                Lit::Int(it) => {
                    let integer: i128 = it.base10_parse().ok()?;
                    (integer as f64, Some(integer))
                }
                Lit::Float(it) => (it.base10_parse().ok()?, None),
                _ => return None,
            };
            Some(Spanned {
                value: Number { value, integer },
                span: lit.span(),
            })
        }
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => number(expr).map(|Spanned { value, span }| Spanned {
            value: Number {
                value: -value.value,
                integer: value.integer.map(|it| -it),
            },
            span,
        }),
        _ => None,
    }
}
