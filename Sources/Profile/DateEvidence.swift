internal import Time

/// Which ways of writing dates a column's values can be read in. A day and a month that are both at most 12 say nothing;
/// only the column as a whole tells which comes first.
struct DateEvidence: Sendable {
    /// What was read in one way.
    struct Way: Sendable {
        var pattern: DatePattern
        var matches = 0
        /// Values that look like dates, and are none in this way.
        var others = Examples()
        var future = Examples()
    }

    private(set) var ways: [Way]
    private(set) var seen = 0
    /// Written as a date, and none in any way: `31/02/2023`.
    private(set) var none = Examples()
    private let today: CalendarDate

    /// The more usual first: of two that fit equally well it is taken.
    private static let patterns = [
        "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "d/M/yyyy", "M/d/yyyy", "dd.MM.yyyy", "d.M.yyyy", "dd-MM-yyyy",
        "MM-dd-yyyy", "yyyy/MM/dd", "yyyy.MM.dd", "dd-MMM-yyyy", "dd MMM yyyy", "d MMM yyyy",
    ]

    init(today: CalendarDate) {
        self.today = today
        ways = Self.patterns.compactMap { text in
            do throws(DatePatternError) {
                return Way(pattern: try DatePattern(text))
            } catch {
                // A test reads dates in each of them.
                return nil
            }
        }
    }

    mutating func add(_ value: Span<UInt8>, at: Int64) {
        seen += 1
        var isOne = false
        for index in ways.indices {
            if let date = ways[index].pattern.parse(value) {
                isOne = true
                ways[index].matches += 1
                if date > today { ways[index].future.add(value, at: at) }
            } else {
                ways[index].others.add(value, at: at)
            }
        }
        if !isOne { none.add(value, at: at) }
    }

    /// The way in which most values are dates; nil without any.
    var main: Way? {
        var best: Way?
        for way in ways where way.matches > best?.matches ?? 0 { best = way }
        return best
    }

    /// Another order of day and month that fits as well: nothing in the column tells the two apart.
    var rival: Way? {
        guard let main else { return nil }
        let mirrored = String(main.pattern.text.map { $0 == "d" ? "M" : $0 == "M" ? "d" : $0 })
        return ways.first { $0.pattern.text == mirrored && mirrored != main.pattern.text && $0.matches == main.matches }
    }
}
