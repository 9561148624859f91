internal import JSON

extension MappingFunction {
    static let numbers: [MappingFunction] = [parseNumber, round]

    private static let parseNumber = MappingFunction(
        "parseNumber",
        .numbers,
        Label(
            "Reads a number, with the thousands separators and the decimal sign of a language if one is named. All digits are kept.",
            "يقرأ رقما، مع فواصل الآلاف والعلامة العشرية للغة المذكورة إن ذُكرت. وتبقى كل الخانات."
        ),
        parameters: [
            Parameter(
                "locale",
                .fixedText,
                Label(
                    "One of \(NumberForm.names.joined(separator: ", ")). Left out: digits and a point only.",
                    "إحدى القيم \(NumberForm.names.joined(separator: "، ")). وإن تُركت: خانات ونقطة فقط."
                ),
                isOptional: true
            )
        ],
        results: [.number],
        examples: [
            Example("parseNumber", "0087.50", .value("87.5")),
            Example("parseNumber", "1,234", .reject("invalid_number")),
            Example("parseNumber(\"en\")", "1,234,567.89", .value("1234567.89")),
            Example("parseNumber(\"de\")", "-1.234,5", .value("-1234.5")),
            Example("parseNumber(\"fr\")", "1\u{202F}234,5", .value("1234.5")),
            Example("parseNumber(\"ar\")", "١٬٢٣٤٫٥", .value("1234.5")),
            Example("parseNumber(\"en\")", "12,34", .reject("invalid_number")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let form = try call.numberForm(0)
            return .eachText {
                form.decimal($0)
            } explain: { value, _ in
                notANumber(value, form)
            }
        }
    )

    private static func notANumber(_ value: String, _ form: NumberForm) -> Complaint {
        let hint: String
        if form.decimal(WhiteSpace.trimmed(value)) != nil {
            hint = "It has spaces or invisible marks around it: write trim before parseNumber."
        } else if let other = NumberForm.all.first(where: { $0.decimal(value) != nil }) {
            hint = "It would be one as \(other.name) writes it: parseNumber(\"\(other.name)\")."
        } else {
            hint = "Write it at the source with digits and a decimal sign, as in \(form.sample)."
        }
        return Complaint(
            code: "invalid_number",
            message: "\(value.quoted) is not a number as in \(form.sample).",
            hint: hint
        )
    }

    private static let round = MappingFunction(
        "round",
        .numbers,
        Label(
            "So many digits behind the point; a half goes away from zero.",
            "بهذا العدد من الخانات بعد الفاصلة؛ والنصف يُقرَّب بعيدا عن الصفر."
        ),
        inputs: [.number, .integer],
        parameters: [
            Parameter("digits", .fixedInteger, Label("0 to 30.", "من 0 إلى 30."), standard: "0")
        ],
        results: [.number],
        examples: [
            Example("parseNumber | round", "87.5", .value("88")),
            Example("parseNumber | round(1)", "-0.25", .value("-0.3")),
            Example("parseNumber | round(2)", "2.675", .value("2.68")),
            Example("parseNumber | round(2)", "90", .value("90")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let digits = Int(try call.integer(0, in: 0...30, "number of digits"))
            return .eachText {
                Decimals.rounded($0, digits: digits)
            } explain: { value, _ in
                Complaint(
                    code: "invalid_number",
                    message: "\(value.quoted) is not a number.",
                    hint: "Correct it at the source."
                )
            }
        }
    )
}

extension MappingFunction.Call {
    fileprivate func numberForm(_ index: Int) throws(MappingFunction.ArgumentProblem) -> NumberForm {
        guard isGiven(index) else { return .plain }
        let name = text(index)
        if let form = NumberForm.all.first(where: { $0.name == name }) { return form }
        throw MappingFunction.ArgumentProblem(
            index: index,
            code: .badArgument,
            message: "There is no number form \(name.quoted).",
            suggestion: nearest(to: name, in: NumberForm.names).map { "Did you mean \($0)?" }
                ?? "There are \(NumberForm.names.joined(separator: ", "))."
        )
    }
}

/// How numbers are written in a language.
struct NumberForm: Sendable {
    var name: String
    /// Between groups of digits.
    var groups: [Unicode.Scalar]
    var points: [Unicode.Scalar]
    var sample: String
    /// Of the groups before the last, which has three.
    var groupSize = 3
    var takesArabicDigits = false

    static let plain = NumberForm(name: "", groups: [], points: ["."], sample: "1234.5")

    private static let spaces: [Unicode.Scalar] = [" ", "\u{A0}", "\u{202F}", "\u{2009}"]

    /// Source: CLDR's number symbols.
    static let all: [NumberForm] = [
        NumberForm(name: "en", groups: [","], points: ["."], sample: "1,234.5"),
        NumberForm(name: "en-IN", groups: [","], points: ["."], sample: "12,34,567.5", groupSize: 2),
        NumberForm(name: "de", groups: ["."], points: [","], sample: "1.234,5"),
        NumberForm(name: "es", groups: ["."], points: [","], sample: "1.234,5"),
        NumberForm(name: "it", groups: ["."], points: [","], sample: "1.234,5"),
        NumberForm(name: "nl", groups: ["."], points: [","], sample: "1.234,5"),
        NumberForm(name: "tr", groups: ["."], points: [","], sample: "1.234,5"),
        NumberForm(name: "id", groups: ["."], points: [","], sample: "1.234,5"),
        NumberForm(name: "fr", groups: spaces, points: [","], sample: "1 234,5"),
        NumberForm(name: "pt", groups: ["."] + spaces, points: [","], sample: "1.234,5"),
        NumberForm(name: "pl", groups: spaces, points: [","], sample: "1 234,5"),
        NumberForm(name: "ru", groups: spaces, points: [","], sample: "1 234,5"),
        NumberForm(name: "sv", groups: spaces, points: [","], sample: "1 234,5"),
        NumberForm(name: "de-CH", groups: ["'", "\u{2019}"], points: ["."], sample: "1'234.5"),
        NumberForm(
            name: "ar",
            groups: ["\u{66C}", ","],
            points: ["\u{66B}", "."],
            sample: "١٬٢٣٤٫٥",
            takesArabicDigits: true
        ),
        NumberForm(
            name: "fa",
            groups: ["\u{66C}", ","],
            points: ["\u{66B}", "."],
            sample: "۱٬۲۳۴٫۵",
            takesArabicDigits: true
        ),
    ]

    static let names = all.map(\.name)

    /// The number in plain decimal; nil if it isn't written so. Groups must be whole or not be at all.
    func decimal(_ text: String) -> String? {
        var digits = ""
        var groupSizes: [Int] = [0]
        var hasPoint = false
        var separator: Unicode.Scalar?
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if let digit = digit(scalar) {
                digits.unicodeScalars.append(digit)
                if !hasPoint { groupSizes[groupSizes.count - 1] += 1 }
            } else if index == 0, scalar == "-" || scalar == "\u{2212}" || scalar == "+" {
                if scalar != "+" { digits = "-" }
            } else if points.contains(scalar), !hasPoint {
                hasPoint = true
                digits += "."
            } else if groups.contains(scalar), !hasPoint, separator == nil || separator == scalar {
                separator = scalar
                groupSizes.append(0)
            } else {
                return nil
            }
        }
        if groupSizes.count > 1 {
            guard 1...groupSize ~= groupSizes[0], groupSizes.last == 3,
                groupSizes.dropFirst().dropLast().allSatisfy({ $0 == groupSize })
            else { return nil }
        }
        return CanonicalText.number(digits)
    }

    private func digit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if "0"..."9" ~= scalar { return scalar }
        return takesArabicDigits ? Arabic.digit(scalar.value).map { Unicode.Scalar($0) } : nil
    }
}

/// Numbers as their decimal digits: nothing is lost on the way.
enum Decimals {
    /// A half goes away from zero. nil for what is no number in plain decimal.
    static func rounded(_ text: String, digits: Int) -> String? {
        guard let number = CanonicalText.number(text) else { return nil }
        let isNegative = number.hasPrefix("-")
        let parts = number.drop { $0 == "-" }.split(separator: ".")
        guard parts.count == 2, parts[1].utf8.count > digits else { return number }
        var kept = Array(parts[0].utf8) + Array(parts[1].utf8.prefix(digits))
        if parts[1].utf8.dropFirst(digits).first ?? 0 >= UInt8(ascii: "5") {
            var index = kept.count
            while index > 0, kept[index - 1] == UInt8(ascii: "9") {
                index -= 1
                kept[index] = UInt8(ascii: "0")
            }
            if index == 0 { kept.insert(UInt8(ascii: "1"), at: 0) } else { kept[index - 1] += 1 }
        }
        let whole = String(decoding: kept.dropLast(digits), as: UTF8.self)
        let fraction = String(decoding: kept.suffix(digits), as: UTF8.self)
        return CanonicalText.number((isNegative ? "-" : "") + whole + (digits > 0 ? ".\(fraction)" : ""))
    }
}
