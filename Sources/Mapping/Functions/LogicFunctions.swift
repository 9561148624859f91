extension MappingFunction {
    static let logic: [MappingFunction] = [fallback, valueMap, require]

    private static let fallback = MappingFunction(
        name: "default",
        summary: "Another value where there is none, or where valueMap lists none.",
        input: nil,
        parameters: [Parameter(name: "value", kind: .sameAsValue)],
        result: nil,
        examples: [
            Example("default(\"n/a\")", "", .value("n/a")),
            Example("default(\"n/a\")", nil, .value("n/a")),
            Example("trim | default(city)", "  ", fields: ["city": "Riyadh"], .value("Riyadh")),
            Example("valueMap({\"A\": \"active\"}) | default(\"inactive\")", "X", .value("inactive")),
            Example("valueMap({\"A\": \"active\"}) | default(null)", "X", .empty),
        ],
        constants: .orArgument,
        proof: .unchanged,
        prepare: { call in
            let recoverable = call.recoverable
            return .growing { value, arguments, failure in
                guard let other = arguments.first else { return }
                value.fillEmpty(with: other, recovering: recoverable, failure: failure)
            }
        }
    )

    private static let valueMap = MappingFunction(
        name: "valueMap",
        summary: "Replaces each value by the one listed for it; an unlisted value is a reject unless default follows.",
        input: .text,
        parameters: [Parameter(name: "pairs", kind: .fixedMap)],
        result: .text,
        examples: [
            Example("valueMap({\"A\": \"active\", \"T\": \"inactive\"})", "T", .value("inactive")),
            Example("valueMap({\"A\": \"active\", \"T\": \"inactive\"})", "X", .reject("unlisted_value")),
            Example("valueMap({\"A\": \"active\", \"-\": null})", "-", .empty),
            Example("valueMap({\"A\": \"active\"})", "", .empty),
        ],
        constants: .mapValues,
        proof: .constants,
        prepare: { call throws(ArgumentProblem) in
            let pairs = try call.pairs(0)
            let table = ValueTable(pairs)
            return Step { value, _, failure in
                value.replace(by: table, failure: failure)
            } explain: { value, place in
                unlisted(value, keys: pairs.map(\.key), place)
            }
        }
    )

    private static let require = MappingFunction(
        name: "require",
        summary: "Rejects the row where there is no value.",
        input: nil,
        parameters: [],
        result: nil,
        examples: [
            Example("require", "004996", .value("004996")),
            Example("trim | require", " ", .reject("required")),
        ],
        constants: .unchanged,
        proof: .unchanged,
        prepare: { _ in
            Step { value, _, failure in
                value.require(failure: failure)
            } explain: { _, place in
                TargetField.required(place)
            }
        }
    )

    private static func unlisted(_ value: String, keys: [String], _ place: FailurePlace) -> Complaint {
        let trimmed = WhiteSpace.trimmed(value)
        let hint: String
        if trimmed != value, keys.contains(where: { $0.utf8.elementsEqual(trimmed.utf8) }) {
            hint = "It has spaces or invisible marks around it: write trim before valueMap."
        } else if let other = keys.first(where: { $0.lowercased() == trimmed.lowercased() }) {
            hint = "\(other.quoted) is listed, and upper and lower case count: add this spelling too."
        } else {
            hint = "Add it to the valueMap of \(place.target), or write default(…) after it."
        }
        return Complaint(
            code: "unlisted_value",
            message: "\(value.quoted) is not among the values that valueMap lists.",
            hint: hint
        )
    }
}

extension MappingFunction.Call {
    /// A map's pairs, each key once, each value a text or null.
    fileprivate func pairs(_ index: Int) throws(MappingFunction.ArgumentProblem) -> [(key: String, result: String?)] {
        guard index < literals.count, case .map(let entries) = literals[index] else { return [] }
        var pairs: [(key: String, result: String?)] = []
        var seen: Set<[UInt8]> = []
        for entry in entries {
            guard seen.insert(Array(entry.key.utf8)).inserted else {
                throw MappingFunction.ArgumentProblem(
                    index: index,
                    place: entry.keyRange.lowerBound,
                    code: .duplicateKey,
                    message: "\(entry.key.quoted) is listed twice."
                )
            }
            switch entry.value {
            case .text(let text): pairs.append((entry.key, text))
            case .null: pairs.append((entry.key, nil))
            default:
                throw MappingFunction.ArgumentProblem(
                    index: index,
                    place: entry.valueRange.lowerBound,
                    code: .wrongArgumentType,
                    message: "valueMap lists texts, and this is \(entry.value.type.phrase).",
                    suggestion: entry.value.asText.map { "Put it in quotes: \"\($0)\"." }
                )
            }
        }
        guard !pairs.isEmpty else {
            throw MappingFunction.ArgumentProblem(
                index: index,
                code: .missingArgument,
                message: "valueMap lists no pairs.",
                suggestion: "Write them as {\"A\": \"active\", \"T\": \"inactive\"}."
            )
        }
        return pairs
    }
}
