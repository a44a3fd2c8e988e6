//! Text becomes HTML in one place, so that no name can become markup.

/// Writes the characters that mean something in HTML as what they look like.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            other => safe.push(other),
        }
    }
    safe
}

/// An element around HTML.
pub fn element(name: &str, attributes: &str, inside: &str) -> String {
    let space = if attributes.is_empty() { "" } else { " " };
    format!("<{name}{space}{attributes}>{inside}</{name}>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let text = "<b title=\"x\">'&amp;'</b>";
        let safe = "&lt;b title=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/b&gt;";
        assert_eq!(escape(text), safe);
    }
}
