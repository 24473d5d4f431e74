//! Numbers as text the way JavaScript has them, so that people read the same of both judges.

/// A finite number as JavaScript spells it: `1`, `0.5`, `1e+21`, `1e-7` (ECMA-262,
/// Number::toString).
pub(crate) fn spelled(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let (digits, exponent) = shortest(number.abs());
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

/// The shortest digits that mean this number, and the exponent of the first. Of two that are equally
/// near the even one is taken, as in JavaScript; the standard library takes the larger.
fn shortest(number: f64) -> (String, i32) {
    let json = serde_json::Value::from(number).to_string();
    let (mantissa, exponent) = json.split_once('e').unwrap_or((&json, "0"));
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let zeros = digits.len() - significant.len();
    let point = i32::try_from(whole.len()).expect("a float has few digits");
    let zeros = i32::try_from(zeros).expect("a float has few digits");
    let significant = significant.trim_end_matches('0').to_owned();
    (significant, exponent + point - 1 - zeros)
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
            // Between two that are equally short and equally near.
            (914_709_531_532_935.0 + 0.25, "914709531532935.2"),
            (905_791_307_404_636.0 + 0.25, "905791307404636.2"),
            (138_820_681_842_161.0 + 0.625, "138820681842161.62"),
        ] {
            assert_eq!(spelled(number), text);
        }
    }
}
