//! Finding, splitting and replacing on WTF-8 bytes.

use memchr::memmem;

/// The byte offset of the first occurrence at or after `from`.
pub fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memmem::find(haystack.get(from..)?, needle).map(|i| i + from)
}
/// The byte offset of the last occurrence.
pub fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::rfind(haystack, needle)
}
/// The number of occurrences that do not overlap; `chars` is the answer's base for an empty needle.
pub fn count(haystack: &[u8], needle: &[u8], chars: usize) -> usize {
    if needle.is_empty() {
        chars + 1
    } else {
        memmem::find_iter(haystack, needle).count()
    }
}
/// All parts between occurrences, at most `limit` cuts.
pub fn split<'a>(text: &'a [u8], separator: &[u8], limit: usize) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let mut at = 0;
    for i in memmem::find_iter(text, separator).take(limit) {
        out.push(&text[at..i]);
        at = i + separator.len();
    }
    out.push(&text[at..]);
    out
}
/// As [`split`], cutting from the right.
pub fn rsplit<'a>(text: &'a [u8], separator: &[u8], limit: usize) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let mut end = text.len();
    while out.len() < limit {
        let Some(i) = memmem::rfind(&text[..end], separator) else {
            break;
        };
        out.push(&text[i + separator.len()..end]);
        end = i;
    }
    out.push(&text[..end]);
    out.reverse();
    out
}
/// The most bytes that [`replace`] can give, counted exactly if they are many.
pub fn replaced_len(text: &[u8], old: &[u8], new: &[u8], limit: usize) -> usize {
    let most = (text.len() / old.len().max(1) + 1).min(limit);
    let len = |times: usize| text.len().saturating_add(times.saturating_mul(new.len()));
    match len(most) > 1 << 20 && !old.is_empty() {
        true => len(memmem::find_iter(text, old).take(limit).count()),
        false => len(most),
    }
}
/// Replaces the first `limit` occurrences. None if there are none. `boundary` says where an empty pattern matches.
pub fn replace(
    text: &[u8],
    old: &[u8],
    new: &[u8],
    limit: usize,
    boundary: impl Fn(usize) -> bool,
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    if old.is_empty() {
        let mut left = limit;
        for (i, &b) in text.iter().enumerate() {
            if left > 0 && boundary(i) {
                out.extend_from_slice(new);
                left -= 1;
            }
            out.push(b);
        }
        if left > 0 {
            out.extend_from_slice(new);
        }
        return Some(out);
    }
    let mut at = 0;
    for i in memmem::find_iter(text, old).take(limit) {
        out.extend_from_slice(&text[at..i]);
        out.extend_from_slice(new);
        at = i + old.len();
    }
    if at == 0 && limit > 0 && !text.starts_with(old) || limit == 0 {
        return None;
    }
    out.extend_from_slice(&text[at..]);
    Some(out)
}
