//! Numbers as text the way JavaScript has them, so that people read the same of both judges.

/// A finite number as JavaScript spells it: `1`, `0.5`, `1e+21`, `1e-7` (ECMA-262,
/// Number::toString).
pub(crate) fn spelled(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    // The shortest digits that mean this number are the same in both languages.
    let scientific = format!("{:e}", number.abs());
    let (digits, exponent) = scientific
        .split_once('e')
        .expect("the scientific form has an exponent");
    let digits = digits.replace('.', "");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let count = i32::try_from(digits.len()).expect("a float has few digits");
    let sign = if number < 0.0 { "-" } else { "" };
    let text = match exponent {
        -6..0 => format!(
            "0.{}{digits}",
            "0".repeat(exponent.unsigned_abs() as usize - 1)
        ),
        0..21 if count <= exponent + 1 => {
            format!("{digits}{}", "0".repeat((exponent + 1 - count) as usize))
        }
        0..21 => {
            let (whole, fraction) = digits.split_at(exponent as usize + 1);
            format!("{whole}.{fraction}")
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{first}{point}{rest}e{exponent:+}")
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_in_javascript() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100_000.0, "100000"),
            (123_456.789, "123456.789"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.25e21, "-1.25e+21"),
            (0.000_001, "0.000001"),
            (0.000_001_5, "0.0000015"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(spelled(number), text);
        }
    }
}
