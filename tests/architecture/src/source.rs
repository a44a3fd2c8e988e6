//! Rust source with its comments and literals blanked, so that rules see only code.

/// `source` with every comment, string and character literal replaced by spaces. Line breaks stay.
pub fn code_only(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            let blank = |c: &char| if *c == '\n' { '\n' } else { ' ' };
            code.extend(chars[at..end].iter().map(blank));
            at = end;
        }
    }
    code
}

/// Where the comment or literal that starts at `at` ends; `at` itself if none starts there.
fn skip(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match (chars[at], next) {
        ('/', Some('/')) => line_comment(chars, at),
        ('/', Some('*')) => block_comment(chars, at),
        ('"', _) => string(chars, at + 1),
        ('\'', _) => char_literal(chars, at),
        ('r' | 'b' | 'c', _) if !continues_name(chars, at) => prefixed(chars, at),
        _ => at,
    }
}

fn continues_name(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

fn line_comment(chars: &[char], at: usize) -> usize {
    let length = chars[at..].iter().position(|c| *c == '\n');
    length.map_or(chars.len(), |length| at + length)
}

/// Block comments nest.
fn block_comment(chars: &[char], at: usize) -> usize {
    let (mut depth, mut i) = (1, at + 2);
    while depth > 0 && i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    i
}

/// The end of a string whose text starts at `i`.
fn string(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// A character literal is told from a lifetime by its closing quote.
fn char_literal(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            // The character after the backslash may itself be a quote.
            let close = chars.iter().skip(at + 3).position(|c| *c == '\'');
            close.map_or(chars.len(), |length| at + 3 + length + 1)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}

/// Literals with a prefix: `r"` `r#"` `b"` `br#"` `c"` `cr"` `b'`.
fn prefixed(chars: &[char], at: usize) -> usize {
    let mut i = at;
    if matches!(chars[i], 'b' | 'c') {
        i += 1;
    }
    let raw = chars.get(i) == Some(&'r');
    if raw {
        let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
        if chars.get(i + 1 + hashes) != Some(&'"') {
            return at;
        }
        return raw_string(chars, i + 2 + hashes, hashes);
    }
    match chars.get(i) {
        Some('"') if i > at => string(chars, i + 1),
        Some('\'') if i > at && chars[at] == 'b' => char_literal(chars, i),
        _ => at,
    }
}

fn raw_string(chars: &[char], mut i: usize, hashes: usize) -> usize {
    while i < chars.len() {
        let closes = chars[i] == '"'
            && chars[i + 1..]
                .iter()
                .take_while(|c| **c == '#')
                .take(hashes)
                .count()
                == hashes;
        i += 1;
        if closes {
            return i + hashes;
        }
    }
    chars.len()
}

/// The words of a text: runs of letters, digits and underscores.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(source: &str) -> Vec<String> {
        let code = code_only(source);
        assert_eq!(code.chars().count(), source.chars().count());
        words(&code).map(str::to_string).collect()
    }

    #[test]
    fn comments_are_blanked() {
        assert_eq!(
            left("a // gone\nb /* gone /* gone */ gone */ c"),
            ["a", "b", "c"]
        );
        assert_eq!(left("/// gone\n//! gone\na"), ["a"]);
    }

    #[test]
    fn strings_of_every_kind_are_blanked() {
        assert_eq!(left(r#"a "gone \" gone" b"#), ["a", "b"]);
        assert_eq!(
            left(r###"a r"gone\" b r#"gone " gone"# c br"gone" d"###),
            ["a", "b", "c", "d"]
        );
        assert_eq!(left(r#"a b"gone" c"gone" d"#), ["a", "d"]);
        assert_eq!(left("\"// not a comment\" a"), ["a"]);
    }

    #[test]
    fn characters_are_blanked_and_lifetimes_are_not() {
        assert_eq!(
            left(r#"a '"' b '\'' c '\\' d b'"' e"#),
            ["a", "b", "c", "d", "e"]
        );
        assert_eq!(
            left("fn f<'a>(x: &'a str) {}"),
            ["fn", "f", "a", "x", "a", "str"]
        );
    }

    #[test]
    fn names_that_start_like_a_prefix_stay() {
        assert_eq!(
            left("r#type bar rb r b c"),
            ["r", "type", "bar", "rb", "r", "b", "c"]
        );
    }
}
