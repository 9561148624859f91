internal import JSON
internal import Time

/// In which form a column's values are dates, as far as they show it.
enum DateEvidence: Equatable {
    /// No form fits most of the values.
    case none
    case form(Form)
    /// Day and month could be either way round, and no value shows which.
    case ambiguous(dayFirst: String, monthFirst: String)
    /// Some values have the day first, others the month.
    case mixed(dayFirst: String, monthFirst: String)

    struct Form: Equatable {
        var pattern: String
        var isHijri = false
        var hasTime = false
        var hasOffset = false
        var hasShortYear = false
        /// Of 100 values so many are written so.
        var percent: Int
        /// In Arabic digits, some of them.
        var needsWesternDigits = false
        /// A value that shows the order of day and month; nil where the form needs none.
        var proof: String?
        var order: Order = .none
    }

    enum Order: Equatable { case none, dayFirst, monthFirst }

    /// Least share of values that a form must fit.
    private static let enough = 0.8
    /// So many are looked at.
    private static let mostValues = 200

    /// - Parameter order: what other columns of the source have shown, where this one doesn't.
    init(_ values: [String], order known: Order = .none) {
        guard !values.isEmpty else {
            self = .none
            return
        }
        let values = Array(values.prefix(Self.mostValues))
        let texts = values.map(Self.western)
        guard texts.count(where: Self.mayBeDate) * 10 >= texts.count * 8 else {
            self = .none
            return
        }
        // Where day and month can be swapped, either way counts: which one it is comes after.
        let candidates = Self.forms.map { form in
            let swapped = form.swapped
            return (form: form, fits: texts.count(where: { form.fits($0) || swapped?.fits($0) ?? false }))
        }
        guard let best = candidates.map(\.fits).max(), Double(best) >= Self.enough * Double(values.count) else {
            self = .none
            return
        }
        // The first of the best: forms with leading zeros stand before those without.
        guard let (form, fits) = candidates.first(where: { $0.fits == best }) else {
            self = .none
            return
        }
        var found = Form(
            pattern: form.pattern.text,
            isHijri: form.isHijri,
            hasTime: form.pattern.hasTime,
            hasOffset: form.pattern.hasOffset,
            hasShortYear: form.hasShortYear,
            percent: fits * 100 / values.count,
            needsWesternDigits: zip(values, texts).contains { $0 != $1 }
        )
        guard let swapped = form.swapped else {
            self = .form(found)
            return
        }
        let (dayFirst, monthFirst) = form.order == .dayFirst ? (form, swapped) : (swapped, form)
        let onlyDayFirst = texts.filter { dayFirst.fits($0) && !monthFirst.fits($0) }
        let onlyMonthFirst = texts.filter { monthFirst.fits($0) && !dayFirst.fits($0) }
        let chosen: Candidate
        if onlyDayFirst.count > 10 * onlyMonthFirst.count {
            chosen = dayFirst
            found.proof = onlyDayFirst.first
        } else if onlyMonthFirst.count > 10 * onlyDayFirst.count {
            chosen = monthFirst
            found.proof = onlyMonthFirst.first
        } else if onlyDayFirst.isEmpty, known != .none {
            chosen = known == .dayFirst ? dayFirst : monthFirst
        } else {
            let patterns = (dayFirst.pattern.text, monthFirst.pattern.text)
            self =
                onlyDayFirst.isEmpty
                ? .ambiguous(dayFirst: patterns.0, monthFirst: patterns.1)
                : .mixed(dayFirst: patterns.0, monthFirst: patterns.1)
            return
        }
        found.pattern = chosen.pattern.text
        found.order = chosen.order
        found.percent = texts.count(where: chosen.fits) * 100 / values.count
        self = .form(found)
    }

    /// Enough digits, and not much else.
    private static func mayBeDate(_ text: String) -> Bool {
        guard 6...40 ~= text.utf8.count else { return false }
        return 3...20 ~= text.utf8.count(where: { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    }

    private static func western(_ text: String) -> String {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        bytes.span.copyCharacters(to: &output) { Arabic.digit($0).map { .ascii($0) } ?? .same }
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: - Forms

    private struct Candidate: Sendable {
        var pattern: DatePattern
        var order: Order
        var hasShortYear: Bool
        var isHijri: Bool
        /// With day and month the other way round; nil where they can't be mistaken.
        var swappedPattern: DatePattern?

        var swapped: Candidate? {
            swappedPattern.map {
                Candidate(
                    pattern: $0,
                    order: order == .dayFirst ? .monthFirst : .dayFirst,
                    hasShortYear: hasShortYear,
                    isHijri: isHijri,
                    swappedPattern: pattern
                )
            }
        }

        func fits(_ text: String) -> Bool {
            if isHijri {
                guard let parts = pattern.dateParts(text.utf8Span.span) else { return false }
                return HijriDate(year: parts.year, month: parts.month, day: parts.day) != nil
            }
            guard let moment = pattern.moment(text) else { return false }
            return 1900...2100 ~= moment.date.year
        }
    }

    /// Day and month with the year last, in the orders in which people write them.
    private static let dayMonthYear = [
        ("dd/MM/yyyy", "MM/dd/yyyy"), ("d/M/yyyy", "M/d/yyyy"), ("dd-MM-yyyy", "MM-dd-yyyy"), ("d-M-yyyy", "M-d-yyyy"),
        ("dd.MM.yyyy", "MM.dd.yyyy"), ("d.M.yyyy", "M.d.yyyy"), ("dd MM yyyy", "MM dd yyyy"),
        ("dd/MM/yy", "MM/dd/yy"), ("dd-MM-yy", "MM-dd-yy"), ("dd.MM.yy", "MM.dd.yy"), ("d/M/yy", "M/d/yy"),
    ]

    private static let others = [
        "yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "yyyyMMdd", "yyyy/M/d", "yyyy-M-d", "dd-MMM-yyyy", "dd MMM yyyy",
        "d-MMM-yyyy", "d MMM yyyy", "MMM dd, yyyy", "MMM d, yyyy", "dd-MMM-yy",
    ]

    private static let times = [
        "", " HH:mm:ss", " HH:mm", "'T'HH:mm:ss", "'T'HH:mm:ssXXX", "'T'HH:mm:ss.SXXX", " HH:mm:ssXXX", " HH:mm:ss.S",
        "'T'HH:mm:ss.S", " h:mm a", " h:mm:ss a", " hh:mm a", " hh:mm:ss a", " H:mm",
    ]

    private static let forms: [Candidate] = {
        func pattern(_ text: String) -> DatePattern? {
            do throws(DatePatternError) {
                return try DatePattern(text, pivot: text.holds("yyyy") ? nil : 1950)
            } catch {
                return nil
            }
        }
        var forms: [Candidate] = []
        for time in times {
            for date in others {
                guard let pattern = pattern(date + time) else { continue }
                forms.append(
                    Candidate(
                        pattern: pattern,
                        order: .none,
                        hasShortYear: !date.holds("yyyy"),
                        isHijri: false,
                        swappedPattern: nil
                    )
                )
            }
            for (day, month) in dayMonthYear {
                guard let first = pattern(day + time), let second = pattern(month + time) else { continue }
                let isShort = !day.holds("yyyy")
                forms.append(
                    Candidate(
                        pattern: first,
                        order: .dayFirst,
                        hasShortYear: isShort,
                        isHijri: false,
                        swappedPattern: second
                    )
                )
                forms.append(
                    Candidate(
                        pattern: second,
                        order: .monthFirst,
                        hasShortYear: isShort,
                        isHijri: false,
                        swappedPattern: first
                    )
                )
            }
        }
        // Hijri years lie before the Gregorian ones that are looked for; months with the day first are not written otherwise.
        for text in ["dd/MM/yyyy", "d/M/yyyy", "yyyy/MM/dd", "yyyy/M/d", "yyyy-MM-dd", "dd-MM-yyyy", "dd.MM.yyyy"] {
            guard let pattern = pattern(text) else { continue }
            forms.append(
                Candidate(pattern: pattern, order: .none, hasShortYear: false, isHijri: true, swappedPattern: nil)
            )
        }
        return forms
    }()
}
