internal import JSON

extension MappingFunction {
    static let logic: [MappingFunction] = [
        fallback, coalesce, nullIfEmpty, require, fail, valueMap, lookup, parseBool,
    ]

    private static let fallback = MappingFunction(
        "default",
        .logic,
        Label(
            "Another value where there is none, or where valueMap or lookup lists none.",
            "قيمة أخرى حيث لا قيمة، أو حيث لا تجدها valueMap أو lookup."
        ),
        inputs: [],
        parameters: [
            Parameter(
                "value",
                .sameAsValue,
                Label("What stands in: a value, a field, or null.", "ما يحلّ محلّها: قيمة أو حقل أو null.")
            )
        ],
        results: [],
        examples: [
            Example("default(\"n/a\")", "", .value("n/a")),
            Example("default(\"n/a\")", nil, .value("n/a")),
            Example("trim | default(city)", "  ", fields: ["city": "Riyadh"], .value("Riyadh")),
            Example("valueMap({\"A\": \"active\"}) | default(\"inactive\")", "X", .value("inactive")),
            Example("valueMap({\"A\": \"active\"}) | default(null)", "X", .empty),
        ],
        constants: .orArguments,
        proof: .unchanged,
        prepare: { call in
            let recoverable = call.recoverable
            return .growing { value, arguments, failure in
                guard let other = arguments.first else { return }
                value.fillEmpty(with: other, recovering: recoverable, failure: failure)
            }
        }
    )

    private static let coalesce = MappingFunction(
        "coalesce",
        .logic,
        Label(
            "The first that is not empty: the value, or else one of the others in their order.",
            "أول ما ليس فارغا: القيمة، وإلا فإحدى القيم الأخرى بترتيبها."
        ),
        inputs: [],
        parameters: [
            Parameter(
                "value",
                .sameAsValue,
                Label("A value, a field, or a field with functions.", "قيمة، أو حقل، أو حقل مع دوال."),
                isVariadic: true
            )
        ],
        results: [],
        examples: [
            Example(
                "coalesce(mobile, home, \"none\")",
                "",
                fields: ["mobile": "", "home": "011234567"],
                .value("011234567")
            ),
            Example("trim | coalesce(mobile | trim)", "0501", fields: ["mobile": "0502"], .value("0501")),
        ],
        constants: .orArguments,
        proof: .unchanged,
        prepare: { _ in
            .growing { value, arguments, failure in
                for other in arguments { value.fillEmpty(with: other, recovering: [], failure: failure) }
            }
        }
    )

    private static let nullIfEmpty = MappingFunction(
        "nullIfEmpty",
        .logic,
        Label(
            "Nothing where the value is blank, or one of the words that mean nothing at the source.",
            "لا شيء حيث تكون القيمة مسافات فقط، أو إحدى الكلمات التي لا تعني شيئا في المصدر."
        ),
        parameters: [
            Parameter(
                "word",
                .fixedText,
                Label(
                    "A word that means nothing; spaces around it and case don't count.",
                    "كلمة لا تعني شيئا؛ ولا عبرة بالمسافات حولها ولا بحالة الأحرف."
                ),
                isOptional: true,
                isVariadic: true
            )
        ],
        examples: [
            Example("nullIfEmpty", " \u{A0} ", .empty),
            Example("nullIfEmpty(\"-\", \"n/a\")", " N/A", .empty),
            Example("nullIfEmpty(\"-\") | default(\"none\")", "-", .value("none")),
            Example("nullIfEmpty(\"-\")", " Riyadh", .value(" Riyadh")),
        ],
        proof: .unchanged,
        prepare: { call in
            let words = Set(call.texts(from: 0).map { WhiteSpace.trimmed($0).lowercased() }).union([""])
            let longest = 2 * (words.map(\.utf8.count).max() ?? 0) + 4
            return .each { value, output in
                let (start, end) = WhiteSpace.trimmed(value, 0, value.count)
                // Letters whose lower case has more bytes are few; none has more than double.
                let isWord =
                    end - start <= longest
                    && words.contains(String(bytes: value.extracting(start..<end)).lowercased())
                if !isWord { output.append(value) }
                return true
            }
        }
    )

    private static let require = MappingFunction(
        "require",
        .logic,
        Label("Rejects the row where there is no value.", "يرفض السجل حيث لا توجد قيمة."),
        inputs: [],
        results: [],
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

    private static let fail = MappingFunction(
        "fail",
        .logic,
        Label(
            "Rejects the row, with a sentence of your own, where the value is one of those listed; without a list, where there is any.",
            "يرفض السجل، بعبارة تكتبها أنت، حيث تكون القيمة من المذكورة؛ وبلا قائمة حيث توجد أي قيمة."
        ),
        parameters: [
            Parameter("message", .fixedText, Label("What is wrong, in a sentence.", "ما الخطأ، في جملة.")),
            Parameter(
                "value",
                .fixedText,
                Label("A value that is refused, to the letter.", "قيمة مرفوضة، بحروفها."),
                isOptional: true,
                isVariadic: true
            ),
        ],
        examples: [
            Example("fail(\"Test people are not taken.\", \"TEST\", \"DUMMY\")", "TEST", .reject("refused")),
            Example("fail(\"Test people are not taken.\", \"TEST\")", "Huda", .value("Huda")),
            Example("fail(\"This column must be empty.\")", "x", .reject("refused")),
            Example("fail(\"This column must be empty.\")", "", .empty),
        ],
        constants: .unchanged,
        proof: .unchanged,
        prepare: { call in
            let message = call.text(0)
            let values = call.texts(from: 1).map { Array($0.utf8) }
            return .each { value, output in
                if values.isEmpty || values.contains(where: { $0.count == value.count && value.matches($0, at: 0) }) {
                    return false
                }
                output.append(value)
                return true
            } explain: { value, place in
                if value.utf8.count > ValueLimit.text { return TargetField.tooLong }
                return Complaint(
                    code: "refused",
                    message: "\(value.quoted) is refused: \(message)",
                    hint:
                        "The mapping of \(place.target) says so: correct the row at the source, or change the mapping."
                )
            }
        }
    )

    private static let valueMap = MappingFunction(
        "valueMap",
        .logic,
        Label(
            "Replaces each value by the one listed for it; an unlisted value is a reject unless default follows.",
            "يستبدل بكل قيمة ما ذُكر لها؛ والقيمة غير المذكورة مرفوضة ما لم تتبعها default."
        ),
        inputs: [.text, .truth],
        parameters: [
            Parameter(
                "pairs",
                .fixedMap,
                Label("Values and what they become, or null.", "القيم وما تصير إليه، أو null.")
            )
        ],
        examples: [
            Example("valueMap({\"A\": \"active\", \"T\": \"inactive\"})", "T", .value("inactive")),
            Example("valueMap({\"A\": \"active\", \"T\": \"inactive\"})", "X", .reject("unlisted_value")),
            Example("valueMap({\"A\": \"active\", \"-\": null})", "-", .empty),
            Example("valueMap({\"A\": \"active\"})", "", .empty),
        ],
        constants: .mapValues,
        proof: .constants,
        mayLackEntry: true,
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

    private static let lookup = MappingFunction(
        "lookup",
        .logic,
        Label(
            "Replaces each value by what a table of yours (/lookups) has for it; an unknown one is a reject unless default follows.",
            "يستبدل بكل قيمة ما يقابلها في أحد جداولك (/lookups)؛ والقيمة غير المعروفة مرفوضة ما لم تتبعها default."
        ),
        parameters: [
            Parameter("table", .table, Label("The table's name.", "اسم الجدول."))
        ],
        examples: [
            Example("lookup(\"departments\")", "HR", .value("Human Resources")),
            Example("lookup(\"departments\")", "XX", .reject("unknown_key")),
            Example("trim | lookup(\"departments\") | default(\"Other\")", " XX ", .value("Other")),
        ],
        constants: .none,
        mayLackEntry: true,
        prepare: { call throws(ArgumentProblem) in
            let name = call.text(0)
            guard let table = call.environment.tables[name] else {
                let names = call.environment.tableNames.sorted()
                let few = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
                throw ArgumentProblem(
                    index: 0,
                    code: .unknownTable,
                    message: "There is no lookup table \(name.quoted).",
                    suggestion: nearest(to: name, in: names).map { "Did you mean \($0)?" }
                        ?? (names.isEmpty ? "Put it there first: PUT /lookups/{name}." : "There are \(few).")
                )
            }
            return Step { value, _, failure in
                value.replace(by: table.values, failure: failure)
            } explain: { value, place in
                unknownKey(value, in: name, table, place)
            }
        }
    )

    private static let parseBool = MappingFunction(
        "parseBool",
        .logic,
        Label(
            "true or false from words: yes, no, y, n, true, false, 1, 0, نعم, لا and others, in any case, or from your own.",
            "صواب أو خطأ (true أو false) من الكلمات: نعم ولا وyes وno وy وn و1 و0 وغيرها بأي حالة أحرف، أو من كلماتك."
        ),
        parameters: [
            Parameter(
                "words",
                .fixedMap,
                Label(
                    "Your own words, in place of the known ones: {\"X\": true, \"-\": false}.",
                    "كلماتك أنت، مكان المعروفة: {\"X\": true, \"-\": false}."
                ),
                isOptional: true
            )
        ],
        results: [.truth],
        examples: [
            Example("parseBool", "Yes", .value("true")),
            Example("parseBool", " لا ", .value("false")),
            Example("parseBool", "maybe", .reject("invalid_bool")),
            Example("parseBool({\"X\": true, \"-\": false})", "-", .value("false")),
            Example("parseBool | valueMap({\"true\": \"active\", \"false\": \"inactive\"})", "Y", .value("active")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let words = try call.truthWords(0) ?? TruthWords.known
            let longest = 2 * (words.keys.map(\.utf8.count).max() ?? 0) + 4
            return .each { value, output in
                let (start, end) = WhiteSpace.trimmed(value, 0, value.count)
                guard end - start <= longest else { return false }
                let text = String(bytes: value.extracting(start..<end))
                guard let truth = words[TruthWords.key(text)] else { return start == end }
                output.append(contentsOf: (truth ? "true" : "false").utf8)
                return true
            } explain: { value, place in
                Complaint(
                    code: "invalid_bool",
                    message: "\(value.quoted) is neither yes nor no.",
                    hint:
                        "Say what it means in the mapping of \(place.target): parseBool({\"\(value.prefix(20))\": true, …})."
                )
            }
        }
    )

    private static func unknownKey(
        _ value: String,
        in name: String,
        _ table: LookupTable,
        _ place: FailurePlace
    ) -> Complaint {
        let trimmed = WhiteSpace.trimmed(value)
        let hint =
            trimmed != value && table.has(trimmed)
            ? "It has spaces or invisible marks around it: write trim before lookup."
            : "Add it to the table, or write default(…) after lookup in the mapping of \(place.target)."
        return Complaint(
            code: "unknown_key",
            message: "\(value.quoted) is not in the lookup table \(name).",
            hint: hint
        )
    }

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

extension MappingFunction.Call {
    /// A map's words in lower case, each true or false; nil where it is left out.
    fileprivate func truthWords(_ index: Int) throws(MappingFunction.ArgumentProblem) -> [String: Bool]? {
        guard index < literals.count, case .map(let entries) = literals[index] else { return nil }
        var words: [String: Bool] = [:]
        for entry in entries {
            guard case .truth(let truth) = entry.value else {
                throw MappingFunction.ArgumentProblem(
                    index: index,
                    place: entry.valueRange.lowerBound,
                    code: .wrongArgumentType,
                    message: "parseBool lists true or false, and this is \(entry.value.type.phrase).",
                    suggestion: "Write {\"X\": true, \"-\": false}."
                )
            }
            guard words.updateValue(truth, forKey: TruthWords.key(entry.key)) == nil else {
                throw MappingFunction.ArgumentProblem(
                    index: index,
                    place: entry.keyRange.lowerBound,
                    code: .duplicateKey,
                    message: "\(entry.key.quoted) is listed twice; case doesn't count."
                )
            }
        }
        return words
    }
}

/// Words for yes and no.
enum TruthWords {
    static let known: [String: Bool] = {
        let yes = ["true", "t", "yes", "y", "1", "on", "نعم", "صح", "صحيح", "oui", "ja", "si", "sí", "evet"]
        let no = ["false", "f", "no", "n", "0", "off", "لا", "خطأ", "non", "nein", "hayır"]
        return Dictionary(
            (yes.map { (key($0), true) } + no.map { (key($0), false) }),
            uniquingKeysWith: { first, _ in first }
        )
    }()

    /// Neither spaces around nor case count.
    static func key(_ word: String) -> String { WhiteSpace.trimmed(word).lowercased() }
}

extension LookupTable {
    func has(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        let starts: [Int32] = [0]
        let ends = [Int32(bytes.count)]
        let states = [RowState.value]
        return values.unlisted(bytes.span, starts.span, ends.span, states.span).isEmpty
    }
}
