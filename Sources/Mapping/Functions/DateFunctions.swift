internal import Time

extension MappingFunction {
    static let dates: [MappingFunction] = [parseDate]

    private static let parseDate = MappingFunction(
        name: "parseDate",
        summary: "Reads a date written in the given form; for yy the first of the hundred years it can mean follows.",
        input: .text,
        parameters: [
            Parameter(name: "pattern", kind: .fixedText),
            Parameter(name: "firstYear", kind: .fixedInteger, isOptional: true),
        ],
        result: .date,
        examples: [
            Example("parseDate(\"dd/MM/yyyy\")", "29/02/2024", .value("2024-02-29")),
            Example("parseDate(\"dd/MM/yyyy\")", "31/02/2023", .reject("invalid_date")),
            Example("parseDate(\"d MMM yyyy\")", "3 Feb 2024", .value("2024-02-03")),
            Example("parseDate(\"dd.MM.yy\", 1950)", "03.02.49", .value("2049-02-03")),
        ],
        constants: .changed,
        proof: .date,
        prepare: { call throws(ArgumentProblem) in
            let pattern = try call.pattern()
            return Step { value, _, failure in
                value.parseDates(pattern, failure: failure)
            } explain: { value, _ in
                notADate(value, pattern)
            }
        }
    )

    private static func notADate(_ value: String, _ pattern: DatePattern) -> Complaint {
        let hint: String
        if pattern.parse(WhiteSpace.trimmed(value)) != nil {
            hint = "It has spaces or invisible marks around it: write trim before parseDate."
        } else if let other = commonPatterns.first(where: { $0.parse(value) != nil }) {
            hint =
                "It would be one in the form \(other.text): correct it at the source, or change the pattern of parseDate."
        } else {
            hint = "Write the date as \(pattern.text) at the source, or change the pattern of parseDate."
        }
        return Complaint(
            code: "invalid_date",
            message: "\(value.quoted) is not a date in the form \(pattern.text).",
            hint: hint
        )
    }

    /// Forms that a date may have been meant in.
    private static let commonPatterns = [
        "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "dd.MM.yyyy", "dd-MM-yyyy", "yyyy/MM/dd", "yyyyMMdd", "d MMM yyyy",
    ].compactMap { text in
        do throws(DatePatternError) {
            return try DatePattern(text)
        } catch {
            return nil
        }
    }
}

extension MappingFunction.Call {
    fileprivate func pattern() throws(MappingFunction.ArgumentProblem) -> DatePattern {
        let text = text(0)
        var pivot: Int?
        if literals.count > 1, case .integer(let year) = literals[1] {
            guard 1...9900 ~= year else {
                throw MappingFunction.ArgumentProblem(
                    index: 1,
                    code: .badDatePattern,
                    message: "The first of the hundred years is between 1 and 9900.",
                    suggestion: "With 1950, 49 is 2049 and 50 is 1950."
                )
            }
            pivot = Int(year)
        }
        do throws(DatePatternError) {
            return try DatePattern(text, pivot: pivot)
        } catch {
            let before = String(decoding: Array(text.utf8.prefix(error.offset)), as: UTF8.self)
            throw MappingFunction.ArgumentProblem(
                index: 0,
                offsetInText: before.unicodeScalars.count,
                code: .badDatePattern,
                message: "This is no date pattern: \(error.message).",
                suggestion: pivot == nil && text.contains("yy") && !text.contains("yyyy")
                    ? "parseDate(\"dd/MM/yy\", 1950) reads 49 as 2049 and 50 as 1950."
                    : nil
            )
        }
    }
}
