//! Bytes of a source file to text: byte order mark and encoding cookie (PEP 263).

/// The encoding that the first two lines declare, normalised (`utf-8`, `iso-8859-1` or as written); None if they declare none.
pub fn declared_encoding(source: &[u8]) -> Option<String> {
    let mut lines = source.split_inclusive(|b| *b == b'\n');
    for _ in 0..2 {
        let line = lines.next()?;
        if let Some(name) = cookie(line) {
            return Some(normalise(&name));
        }
        // The second line counts only if the first is blank or a comment.
        let blank = line
            .iter()
            .find(|b| !matches!(b, b' ' | b'\t' | b'\x0c' | b'\r' | b'\n'));
        if blank.is_some_and(|b| *b != b'#') {
            return None;
        }
    }
    None
}

/// `coding[:=]\s*([-\w.]+)` in a line that is a comment.
fn cookie(line: &[u8]) -> Option<String> {
    let start = line
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t' | b'\x0c'))?;
    if line[start] != b'#' {
        return None;
    }
    let at = line
        .windows(7)
        .position(|w| &w[..6] == b"coding" && matches!(w[6], b':' | b'='))?;
    let rest = &line[at + 7..];
    let rest = &rest[rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()..];
    let name = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let name: String = name.map(|b| *b as char).collect();
    (!name.is_empty()).then_some(name)
}

fn normalise(name: &str) -> String {
    let lower: String = name
        .chars()
        .take(12)
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let is = |full: &str| lower == full || lower.starts_with(&format!("{full}-"));
    if is("utf-8") {
        "utf-8".into()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".into()
    } else {
        name.to_ascii_lowercase()
    }
}

/// Decodes a source. UTF-8, ASCII and Latin-1 are known here; for others the embedder decodes and compiles text.
///
/// # Errors
/// The message of the SyntaxError.
pub fn decode(source: &[u8]) -> Result<String, String> {
    let (bytes, bom) = match source.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (source, false),
    };
    let encoding = declared_encoding(bytes);
    match encoding.as_deref() {
        Some(name) if bom && name != "utf-8" => Err(format!("encoding problem: {name} with BOM")),
        None | Some("utf-8" | "utf8") => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(e) => {
                let line = bytes[..e.valid_up_to()]
                    .iter()
                    .filter(|b| **b == b'\n')
                    .count()
                    + 1;
                let byte = bytes[e.valid_up_to()];
                Err(if encoding.is_none() {
                    format!(
                        "Non-UTF-8 code starting with '\\x{byte:02x}' on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
                    )
                } else {
                    format!(
                        "(unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in position {}: invalid start byte",
                        e.valid_up_to()
                    )
                })
            }
        },
        Some("iso-8859-1" | "latin1" | "iso8859-1" | "l1") => {
            Ok(bytes.iter().map(|b| *b as char).collect())
        }
        Some("ascii" | "us-ascii") => match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => Ok(text.into()),
            _ => {
                let at = bytes.iter().position(|b| *b > 127).unwrap_or(0);
                Err(format!(
                    "'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                    bytes[at]
                ))
            }
        },
        Some(name) => Err(format!("unknown encoding: {name}")),
    }
}
