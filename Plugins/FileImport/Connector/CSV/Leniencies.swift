/// What `strict: false` lets pass, each with how often it was used.
struct Leniencies: Sendable, Equatable {
    /// Records with fewer fields than columns: the row lacks the missing ones.
    var padded = 0
    /// Records with more fields than columns, all of the surplus empty: dropped.
    var surplusDropped = 0
    /// Spaces and tabs between a closing quote and the delimiter: dropped.
    var spacesAfterQuote = 0
    /// Other text there: kept as part of the value.
    var textAfterQuote = 0
    /// Lines of spaces and tabs only: skipped, as blank lines are.
    var spaceLines = 0

    static func += (sum: inout Leniencies, more: Leniencies) {
        sum.padded += more.padded
        sum.surplusDropped += more.surplusDropped
        sum.spacesAfterQuote += more.spacesAfterQuote
        sum.textAfterQuote += more.textAfterQuote
        sum.spaceLines += more.spaceLines
    }

    /// One sentence for each that was used.
    var warnings: [String] {
        func sentence(_ count: Int, _ one: String, _ many: String) -> String? {
            count == 0 ? nil : "strict is false: \(count) \(count == 1 ? one : many)."
        }
        return [
            sentence(
                padded,
                "row has too few fields; the missing ones say nothing",
                "rows have too few fields; the missing ones say nothing"
            ),
            sentence(
                surplusDropped,
                "row has surplus fields, all empty; they are dropped",
                "rows have surplus fields, all empty; they are dropped"
            ),
            sentence(
                spacesAfterQuote,
                "value has spaces after its closing quote; they are dropped",
                "values have spaces after their closing quotes; they are dropped"
            ),
            sentence(
                textAfterQuote,
                "value has text after its closing quote; it is kept as part of the value",
                "values have text after their closing quotes; it is kept as part of the value"
            ),
            sentence(spaceLines, "line of spaces is skipped", "lines of spaces are skipped"),
        ].compactMap(\.self)
    }
}
