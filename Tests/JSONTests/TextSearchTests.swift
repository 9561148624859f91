import JSON
import Testing

@Suite struct `A part of a text` {
    @Test(arguments: [
        ("dd/MM/yyyy", "yyyy", true), ("dd/MM/yy", "yyyy", false), ("aab", "ab", true), ("", "a", false),
        ("", "", true), ("abc", "", true), ("abc", "abcd", false), ("[Content_Types].xml", "[Content_Types].xml", true),
        // The same letter, written as one scalar and as two; and a letter that is only half of another.
        ("caf\u{E9} noir", "cafe\u{301}", true), ("cafe\u{301}", "cafe", false),
    ])
    func `is found or not`(text: String, part: String, isThere: Bool) {
        #expect(text.holds(part) == isThere)
        #expect(text.contains(part) == isThere)
    }

    @Test(arguments: [
        ("/srv/a.so of /srv", "/srv", "x", "x/a.so of x"), ("aaa", "aa", "b", "ba"), ("`a``", "`", "``", "``a````"),
        ("abc", "", "x", "abc"), ("", "a", "b", ""), ("caf\u{E9}", "e\u{301}", "e", "cafe"),
    ])
    func `is replaced wherever it stands`(text: String, part: String, other: String, result: String) {
        #expect(text.replacing(every: part, with: other) == result)
    }
}
