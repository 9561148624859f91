internal import Columns
internal import JSON

/// What a column's type and values say of its filling a target: how it would be written, and how sure that is.
enum ColumnEvidence {
    /// - Parameter share: of the values, 0 to 1, that fit; nil where there are none to look at.
    case fits(transform: String?, share: Double?, reason: String)
    /// It can't be this target, or nobody can tell how; in a sentence.
    case unfit(reason: String)

    struct Context {
        var entity: Entity
        /// What other columns of the source show of day and month.
        var order: DateEvidence.Order
        var orderSource: String?
    }

    init(_ column: SourceColumn, _ target: TargetField, _ context: Context) {
        switch column.type {
        case .list, .structure, .binary:
            self = .unfit(reason: "It is a list, a structure or bytes, and a mapping takes single values.")
            return
        default: break
        }
        switch target.rule {
        case .email: self = Self.email(column)
        case .date, .instant: self = Self.date(column, target, context)
        case .oneOf(let allowed): self = Self.choice(column, allowed, context)
        case .integer, .number: self = Self.number(column, target)
        case .identifier: self = Self.identifier(column)
        case .text: self = Self.text(column, target)
        }
    }

    /// The steps of a pipe; nil for none.
    private static func pipe(_ steps: [String?]) -> String? {
        let steps = steps.compactMap { $0 }
        return steps.isEmpty ? nil : steps.joined(separator: " | ")
    }

    private static func share(_ values: [String], _ condition: (String) -> Bool) -> Double? {
        values.isEmpty ? nil : Double(values.count(where: condition)) / Double(values.count)
    }

    private static func hasArabicDigits(_ values: [String]) -> Bool {
        values.contains { $0.unicodeScalars.contains { Arabic.digit($0.value) != nil } }
    }

    // MARK: - By rule

    private static func email(_ column: SourceColumn) -> ColumnEvidence {
        let share = share(column.values) { EmailAddress.fault(in: $0.lowercased()) == nil }
        if let share, share < 0.5 { return .unfit(reason: "Most of its values are no e-mail addresses.") }
        return .fits(
            transform: "trim | lower | email",
            share: share,
            reason: share.map { "\(Int($0 * 100)) of 100 values are e-mail addresses." } ?? ""
        )
    }

    private static func identifier(_ column: SourceColumn) -> ColumnEvidence {
        let values = column.values
        let share = share(values) { value in
            value.utf8.count <= TargetField.longestIdentifier && !value.holds("  ")
                && value.split(separator: " ").count <= 3
        }
        if let share, share < 0.5 { return .unfit(reason: "Most of its values are too long for an identifier.") }
        return .fits(
            transform: pipe(["trim", hasArabicDigits(values) ? "westernDigits" : nil]),
            share: share,
            reason: ""
        )
    }

    private static func text(_ column: SourceColumn, _ target: TargetField) -> ColumnEvidence {
        let values = column.values
        switch target.name {
        case "first_name", "last_name", "display_name":
            let share = share(values) { value in
                value.unicodeScalars.contains(where: \.properties.isAlphabetic) && !value.contains("@")
                    && !value.unicodeScalars.contains { "0"..."9" ~= $0 }
            }
            if let share, share < 0.5 { return .unfit(reason: "Most of its values are no names.") }
            // That something may be a name speaks for no field in particular, unless it is a whole one.
            let whole = Self.share(values) { $0.split(separator: " ").count > 1 } ?? 0
            let isWhole = target.name == "display_name" && whole >= 0.8
            return .fits(transform: "normalizeSpace", share: isWhole ? whole : nil, reason: "")
        case "phone":
            let share = share(values, isPhone)
            if let share, share < 0.5 { return .unfit(reason: "Most of its values are no telephone numbers.") }
            return .fits(
                transform: pipe(["trim", hasArabicDigits(values) ? "westernDigits" : nil]),
                share: share,
                reason: "phoneE164 with a country would bring the numbers into one form."
            )
        case "country", "language":
            let isCode = share(values) { $0.utf8.count == 2 && $0.utf8.allSatisfy { $0 | 0x20 &- 0x61 < 26 } }
            let codes = isCode ?? 0 > 0.8
            return .fits(
                transform: pipe(["trim", codes ? (target.name == "country" ? "upper" : "lower") : nil]),
                share: codes ? isCode : nil,
                reason: codes ? "Its values are codes of two letters." : ""
            )
        default:
            return .fits(transform: "normalizeSpace", share: nil, reason: "")
        }
    }

    private static func isPhone(_ value: String) -> Bool {
        var digits = 0
        for scalar in value.unicodeScalars {
            if "0"..."9" ~= scalar || Arabic.digit(scalar.value) != nil {
                digits += 1
            } else if !("+-()/. \u{A0}".unicodeScalars.contains(scalar) || scalar.properties.isBidiControl) {
                return false
            }
        }
        return 7...15 ~= digits
    }

    private static func number(_ column: SourceColumn, _ target: TargetField) -> ColumnEvidence {
        let values = column.values
        if values.isEmpty { return .fits(transform: "trim", share: nil, reason: "") }
        // Digits alone are numbers in any language: the one with separators must be shown by a value.
        let forms = [NumberForm.plain] + NumberForm.all.filter { ["en", "de", "fr", "de-CH", "ar"].contains($0.name) }
        let counted = forms.map { form in
            (form: form, fits: values.count(where: { form.decimal(Self.withoutPercent($0)) != nil }))
        }
        guard let best = counted.max(by: { $0.fits < $1.fits }), Double(best.fits) >= 0.8 * Double(values.count) else {
            return .unfit(reason: "Most of its values are no numbers.")
        }
        let hasPercent = values.contains { $0.hasSuffix("%") }
        let fits = counted.first { $0.fits == best.fits }?.form ?? .plain
        return .fits(
            transform: pipe([
                "trim", hasPercent ? "regexReplace(\"\\\\s*%$\", \"\")" : nil,
                fits.name.isEmpty ? nil : "parseNumber(\"\(fits.name)\")",
            ]),
            share: Double(best.fits) / Double(values.count),
            reason: fits.name.isEmpty ? "Its values are numbers." : "Its values are numbers as in \(fits.sample)."
        )
    }

    private static func withoutPercent(_ value: String) -> String {
        value.hasSuffix("%") ? WhiteSpace.trimmed(String(value.dropLast())) : value
    }

    private static func choice(_ column: SourceColumn, _ allowed: [String], _ context: Context) -> ColumnEvidence {
        let values = column.values
        if values.isEmpty {
            return .fits(
                transform: nil,
                share: nil,
                reason: "Without values nobody knows its words: a valueMap may be needed."
            )
        }
        var words: [String] = []
        for value in values where !words.contains(where: { $0.utf8.elementsEqual(value.utf8) }) { words.append(value) }
        guard words.count <= 40 else { return .unfit(reason: "It has too many different values for a status.") }
        if words.allSatisfy({ allowed.contains($0) }) {
            return .fits(transform: "trim", share: 1, reason: "Its values are TrainFlow's own words.")
        }
        if words.allSatisfy({ allowed.contains($0.lowercased()) }) {
            return .fits(transform: "trim | lower", share: 1, reason: "Its values are TrainFlow's own words.")
        }
        let isTruth = words.count <= 4 && words.allSatisfy { TruthWords.known[TruthWords.key($0)] != nil }
        var pairs: [String] = []
        var unknown: [String] = []
        for word in words.sorted() {
            if word.utf8.count <= 200, let meaning = StatusWords.meaning(word, context.entity, isTruth: isTruth) {
                pairs.append("\(literal(word)): \"\(meaning)\"")
            } else {
                unknown.append(word)
            }
        }
        guard !pairs.isEmpty else {
            let few = words.prefix(5).map(\.quoted).joined(separator: ", ")
            return .unfit(reason: "Nobody knows what its words mean here (\(few)): say it with a valueMap.")
        }
        let shown = unknown.prefix(5).map(\.quoted).joined(separator: ", ")
        return .fits(
            transform: "trim | valueMap({\(pairs.joined(separator: ", "))})",
            share: Double(pairs.count) / Double(words.count),
            reason: unknown.isEmpty
                ? "All of its words are known: look whether they mean what is proposed."
                : "Not known, and to be added to the valueMap: \(shown)."
        )
    }

    /// As a text is written in a pipe.
    static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": literal += "\\\(scalar)"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }

    // MARK: - Dates

    private static func date(_ column: SourceColumn, _ target: TargetField, _ context: Context) -> ColumnEvidence {
        switch column.type {
        case .date32: return .fits(transform: nil, share: 1, reason: "The source gives dates.")
        case .timestamp:
            return target.rule == .instant
                ? .fits(transform: nil, share: 1, reason: "The source gives times.")
                : .fits(
                    transform: "dateInZone(\"UTC\")",
                    share: 0.9,
                    reason: "The source gives times; the date is that in UTC: name another zone if it is not meant."
                )
        default: break
        }
        let values = column.values
        guard !values.isEmpty else {
            return .fits(
                transform: nil,
                share: nil,
                reason: "Without values nobody knows how its dates are written: a parseDate may be needed."
            )
        }
        switch DateEvidence(values, order: context.order) {
        case .none:
            return .unfit(reason: "Its values are dates in no form that is known, as \((values.first ?? "").quoted).")
        case .ambiguous(let day, let month):
            return .unfit(
                reason:
                    "Its dates could be \(day) or \(month), and no value shows which: map it with the parseDate that is right."
            )
        case .mixed(let day, let month):
            return .unfit(
                reason: "Some of its dates can only be \(day), others only \(month): correct them at the source."
            )
        case .form(let form): return fits(form, target, context)
        }
    }

    private static func fits(_ form: DateEvidence.Form, _ target: TargetField, _ context: Context) -> ColumnEvidence {
        var reason = "\(form.percent) of 100 values are written as \(form.pattern)"
        var share = Double(form.percent) / 100
        if let proof = form.proof {
            reason += "; \(proof.quoted) shows the order of day and month"
        } else if form.order != .none {
            share *= 0.8
            reason += "; the order of day and month is that of \(context.orderSource ?? "another column")"
        }
        var steps: [String?] = ["trim", form.needsWesternDigits ? "westernDigits" : nil]
        let pattern = literal(form.pattern)
        if form.isHijri {
            reason += ", in the Hijri calendar"
            steps.append("parseHijri(\(pattern))")
        } else if form.hasTime, !form.hasOffset {
            steps.append("parseDate(\(pattern), \"UTC\")")
            if target.rule == .date {
                steps.append("dateInZone(\"UTC\")")
            } else {
                share *= 0.7
                reason += "; in which zone nobody says: UTC is a guess"
            }
        } else if form.hasOffset {
            steps.append("parseDate(\(pattern))")
            if target.rule == .date {
                steps.append("dateInZone(\"UTC\")")
                share *= 0.9
                reason += "; the date is that in UTC"
            }
        } else if form.hasShortYear {
            share *= 0.8
            steps.append("parseDate(\(pattern), 1950)")
            reason += "; years of two digits are taken as 1950 to 2049"
        } else {
            steps.append("parseDate(\(pattern))")
        }
        return .fits(transform: pipe(steps), share: share, reason: reason + ".")
    }
}
