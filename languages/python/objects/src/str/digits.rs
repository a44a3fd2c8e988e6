//! Decimal digits of floats with a given precision: the styles `f`, `e` and `g`.

use smallvec::SmallVec;

/// Text in the making: most outcomes are short.
pub type Text = SmallVec<[u8; 128]>;

/// Appends a finite number of magnitude `v` in style `kind` (one of e, f, g in either case, written in lower case), without sign.
pub fn magnitude(out: &mut Text, v: f64, kind: u8, precision: usize, alternate: bool) {
    match kind.to_ascii_lowercase() {
        b'f' => {
            fixed(out, v, precision);
            if alternate && precision == 0 {
                out.push(b'.');
            }
        }
        b'e' => {
            let text = format!("{v:.precision$e}");
            let (digits, e) = text.split_once('e').unwrap_or((&text, "0"));
            out.extend_from_slice(digits.as_bytes());
            if alternate && precision == 0 {
                out.push(b'.');
            }
            exponent(out, e.parse().unwrap_or(0));
        }
        _ => general(out, v, precision.max(1), alternate),
    }
}
fn exponent(out: &mut Text, e: i32) {
    let sign = if e < 0 { '-' } else { '+' };
    out.extend_from_slice(format!("e{sign}{:02}", e.abs()).as_bytes());
}
/// `precision` digits in all, in whichever form suits the number's size; trailing zeros only in the alternate form.
fn general(out: &mut Text, v: f64, precision: usize, alternate: bool) {
    let e = decimal_exponent(v, precision);
    let start = out.len();
    let plain = -4 <= e && e < precision as i32;
    if plain {
        magnitude(out, v, b'f', (precision as i32 - 1 - e) as usize, alternate);
    } else {
        let text = format!("{v:.*e}", precision - 1);
        out.extend_from_slice(text.split('e').next().unwrap_or("0").as_bytes());
        if alternate && precision == 1 {
            out.push(b'.');
        }
    }
    if !alternate && out[start..].contains(&b'.') {
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&b'.') {
            out.pop();
        }
    }
    if !plain {
        exponent(out, e);
    }
}
/// The exponent of `v` once it is rounded to `precision` digits.
pub fn decimal_exponent(v: f64, precision: usize) -> i32 {
    let text = format!("{v:.*e}", precision.max(1) - 1);
    let e = text.split_once('e').map(|(_, e)| e.parse());
    e.and_then(Result::ok).unwrap_or(0)
}

/// Beyond this precision the scaled number may not fit 128 bits: a 53-bit mantissa times 10^22 takes 127.
const WIDEST: usize = 22;

/// Appends `v >= 0`, finite, with `precision` digits after the point, rounded half to even from its exact value.
///
/// The exact value is `m * 2^e`. Where `m * 10^precision` fits 128 bits, shifting it right by `-e` and looking at what
/// falls out is all that rounding takes.
pub fn fixed(out: &mut Text, v: f64, precision: usize) {
    let bits = v.to_bits();
    let (m, e) = match (bits >> 52) as i32 {
        0 => (bits, -1074),
        e => (bits & ((1 << 52) - 1) | 1 << 52, e - 1075),
    };
    if precision > WIDEST || e > 0 {
        out.extend_from_slice(format!("{v:.precision$}").as_bytes());
        return;
    }
    let scaled = u128::from(m) * 10u128.pow(precision as u32);
    let shift = -e as u32;
    let rounded = if shift >= 128 {
        // Below 2^127, hence less than half of the last digit.
        0
    } else if shift == 0 {
        scaled
    } else {
        let (whole, half) = (scaled >> shift, 1u128 << (shift - 1));
        let rest = scaled & ((half << 1).wrapping_sub(1));
        whole + u128::from(rest > half || rest == half && whole & 1 == 1)
    };
    let mut digits = [b'0'; 40];
    let mut start = digits.len();
    let mut put = |digit: u64| {
        start -= 1;
        digits[start] = b'0' + digit as u8;
    };
    match u64::try_from(rounded) {
        Ok(mut rest) => {
            while rest > 0 {
                put(rest % 10);
                rest /= 10;
            }
        }
        Err(_) => {
            let mut rest = rounded;
            while rest > 0 {
                put((rest % 10) as u64);
                rest /= 10;
            }
        }
    }
    // At least one digit stands before the point.
    let start = start.min(digits.len() - precision - 1);
    let point = digits.len() - precision;
    out.extend_from_slice(&digits[start..point]);
    if precision > 0 {
        out.push(b'.');
        out.extend_from_slice(&digits[point..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(v: f64, precision: usize) -> String {
        let mut out = Text::new();
        fixed(&mut out, v, precision);
        String::from_utf8(out.to_vec()).unwrap()
    }
    #[test]
    fn ties_go_to_the_even_digit() {
        for (v, precision, expected) in [
            (0.5, 0, "0"),
            (1.5, 0, "2"),
            (2.5, 0, "2"),
            (0.125, 2, "0.12"),
            (0.375, 2, "0.38"),
            (5e-324, 3, "0.000"),
            (0.0, 0, "0"),
            (0.0, 2, "0.00"),
            (9.999, 2, "10.00"),
            (1e15, 1, "1000000000000000.0"),
        ] {
            assert_eq!(text(v, precision), expected, "{v} with {precision}");
        }
    }
    /// Numbers of every size, and numbers that end in ties, against the formatting of Rust's library, which is exact.
    #[test]
    fn fixed_gives_the_digits_of_the_exact_value() {
        let mut state = 1u64;
        let mut next = || {
            // Knuth's linear congruential generator: the high bits are good.
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            state >> 11
        };
        for _ in 0..40_000 {
            let any = f64::from_bits((next() << 10) % (0x7ff << 52));
            let usual = (next() % 1_000_000_000) as f64 / 2f64.powi((next() % 12) as i32);
            let precision = (next() % 26) as usize;
            for v in [any, usual, usual / 1000.0] {
                assert_eq!(
                    text(v, precision),
                    format!("{v:.precision$}"),
                    "{v:?} with {precision}"
                );
            }
        }
    }
}
