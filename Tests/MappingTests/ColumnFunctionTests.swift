import Columns
import Mapping
import Testing

/// Column functions against what String makes of the same values, one by one.
@Suite struct ColumnFunctionTests {
    /// Texts of letters, marks, spaces and oddities of many scripts; empty and null among them.
    private func randomTexts(_ count: Int, seed: UInt64, alphabet: [String] = mixed) -> [String?] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            if Int.random(in: 0..<20, using: &generator) == 0 { return nil }
            let length = Int.random(in: 0...12, using: &generator)
            return (0..<length).compactMap { _ in alphabet.randomElement(using: &generator) }.joined()
        }
    }

    private static let mixed: [String] =
        [
            " ", " ", "\t", "\n", "\r", "\u{B}", "\u{C}", "\u{1C}", "\u{1F}", "\u{7F}", "\u{85}", "\u{A0}", "\u{1680}",
            "\u{180E}", "\u{2000}", "\u{200A}", "\u{200B}", "\u{200D}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}",
            "\u{202A}", "\u{202E}", "\u{202F}", "\u{205F}", "\u{2060}", "\u{2066}", "\u{2069}", "\u{3000}", "\u{61C}",
            "\u{FEFF}", "a", "B", "z", "Z", "@", "[", "`", "{", "0", "é", "É", "e\u{301}", "ß", "ẞ", "İ", "ı", "ǅ", "Σ",
            "ς",
            "Ω", "\u{212A}", "Ⱥ", "ΐ", "ŉ", "ﬁ", "Ж", "ж", "Ա", "ა", "Ა", "هدى", "خالد", "ש", "中", "한", "𐐀", "😀", "Ａ",
            "Ⓐ",
            "Ế", "ᾳ", "\u{10FFFF}", "\u{E000}", "\u{FFFD}",
        ]

    private func check(_ pipe: String, _ values: [String?], naive: (String) -> String) throws {
        let outcomes = try transform(pipe, values)
        for (value, outcome) in zip(values, outcomes) {
            let expected = value.map(naive) ?? ""
            #expect(outcome == (expected.isEmpty ? .absent : .value(expected)), "\(pipe) of \(value.debugDescription)")
        }
    }

    @Test(arguments: [1, 2, 3])
    func `space and case functions agree with String`(seed: UInt64) throws {
        for alphabet in [Self.mixed, ["a", "B", " ", "Z", "\t"], ["هدى", " ", "خ", "\u{200F}"]] {
            let values = randomTexts(800, seed: seed, alphabet: alphabet)
            try check("trim", values, naive: Naive.trim)
            try check("normalizeSpace", values, naive: Naive.normalizeSpace)
            try check("lower", values) { $0.lowercased() }
            try check("upper", values) { $0.uppercased() }
            try check("trim | lower | upper | normalizeSpace", values) {
                Naive.normalizeSpace(Naive.trim($0).lowercased().uppercased())
            }
            try check("upper | trim | lower", values) { Naive.trim($0.uppercased()).lowercased() }
        }
    }

    @Test func `every letter changes its case as Unicode says`() throws {
        let scalars = [
            1..<0x3000, 0xA000..<0xAC00, 0xD7FF..<0xD800, 0xE000..<0xE010, 0xF900..<0x10000, 0x10000..<0x1F000,
        ]
        .joined().compactMap(Unicode.Scalar.init)
        let values = scalars.map { "a\($0)Z" }
        for (pipe, naive) in [("lower", { $0.lowercased() }), ("upper", { $0.uppercased() })]
            as [(String, (String) -> String)]
        {
            let outcomes = try transform(pipe, values)
            let wrong = zip(values, outcomes).filter { $0.1 != .value(naive($0.0)) }
            #expect(wrong.isEmpty, "\(pipe): \(wrong.prefix(5))")
        }
        // The blocks left out have no case.
        for value in [0x3000..<0xA000, 0xAC00..<0xD7FF, 0xE010..<0xF900].joined() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(!scalar.properties.changesWhenLowercased && !scalar.properties.changesWhenUppercased)
        }
    }

    @Test(arguments: [11, 12])
    func `joining, choosing and filling agree with String`(seed: UInt64) throws {
        let values = randomTexts(600, seed: seed)
        let others = randomTexts(600, seed: seed + 100)
        let joined = try transform("concatNonEmpty(\" · \", other | trim, \"é\")", values, fields: ["other": others])
        let filled = try transform("default(other)", values, fields: ["other": others])
        for (index, value) in values.enumerated() {
            let other = others[index].map(Naive.trim) ?? ""
            let parts = [value ?? "", other, "é"].filter { !$0.isEmpty }
            #expect(joined[index] == .value(parts.joined(separator: " · ")))
            let chosen = value?.isEmpty ?? true ? others[index] ?? "" : value ?? ""
            #expect(filled[index] == (chosen.isEmpty ? .absent : .value(chosen)))
        }
    }

    @Test func `a value table finds each of its keys and no other`() throws {
        var generator = SeededGenerator(seed: 21)
        for size in [1, 2, 5, 40, 300] {
            var table: [String: String] = [:]
            while table.count < size {
                let key = randomTexts(1, seed: generator.next())[0] ?? ""
                // Keys that Swift takes for equal are different keys here: leave them to the next test.
                if table[key] == nil { table[key] = "\(table.count)" }
            }
            let literal = table.map { "\(quoted($0.key)): \"\($0.value)\"" }.joined(separator: ", ")
            let values = Array(table.keys) + randomTexts(200, seed: generator.next()).map { $0 ?? "" }
            let outcomes = try transform("valueMap({\(literal)})", values)
            for (value, outcome) in zip(values, outcomes) {
                let exact = table.first { $0.key.utf8.elementsEqual(value.utf8) }?.value
                #expect(outcome == (exact.map(Outcome.value) ?? (value.isEmpty ? .absent : .failed("unlisted_value"))))
            }
        }
    }

    @Test func `keys are compared by code points`() throws {
        let outcomes = try transform(
            "valueMap({\"\\u00e9\": \"composed\", \"e\\u0301\": \"apart\"})",
            ["\u{e9}", "e\u{301}"]
        )
        #expect(outcomes == [.value("composed"), .value("apart")])
    }

    private func quoted(_ key: String) -> String {
        "\""
            + key.unicodeScalars.map {
                "\\U" + String(repeating: "0", count: 8 - String($0.value, radix: 16).count)
                    + String($0.value, radix: 16)
            }.joined() + "\""
    }

    @Test func `dates agree with the calendar`() throws {
        var values: [String] = []
        var expected: [Outcome] = []
        for year in [1899, 1900, 2000, 2023, 2024] {
            for month in 0...13 {
                for day in 0...32 {
                    values.append("\(pad(day))/\(pad(month))/\(year)")
                    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
                    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
                    let exists = 1...12 ~= month && 1...31 ~= day && day <= days[month - 1]
                    expected.append(exists ? .value("\(year)-\(pad(month))-\(pad(day))") : .failed("invalid_date"))
                }
            }
        }
        #expect(try transform("parseDate('dd/MM/yyyy')", values, target: "hire_date") == expected)
    }

    private func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    @Test func `what grows too long fails, and only that row`() throws {
        let long = String(repeating: "x", count: 40_000)
        let outcomes = try transform("concatNonEmpty(\"\", value)", [long, "a", long])
        #expect(outcomes == [.failed("too_long"), .value("aa"), .failed("too_long")])
        let wide = String(repeating: "ŉ", count: 30_000)
        #expect(try transform("upper", [wide, "ŉ"]) == [.failed("too_long"), .value("ʼN")])
        #expect(
            try transform(nil, [String(repeating: "x", count: 65_536), String(repeating: "x", count: 65_537)]).last
                == .failed("too_long")
        )
    }

    @Test func `a plain rename hands the source's own buffers on`() throws {
        let source = batch(["id": ["1", "2"], "value": ["some text that is long", "more"]])
        let mapped = try apply(
            people(MappingRow(sourceField: "value", targetField: "first_name", transform: "trim")),
            to: source
        )
        // Only compared, never followed.
        let before = unsafe source.columns[1].bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        let column = try mapped.column("first_name")
        let after = unsafe column.bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        #expect(before == after)
    }

    @Test func `source columns stay as they are`() throws {
        let values: [String?] = [" Ünï ", "B@EXAMPLE.com", "ŉ", nil]
        let source = batch(["id": ["1", "2", "3", "4"], "value": values])
        let rows = ["lower", "upper", "trim", "normalizeSpace", "email", "default('x')", "concatNonEmpty('-', value)"]
            .enumerated().map {
                MappingRow(sourceField: "value", targetField: "attributes.a\($0.offset)", transform: $0.element)
            }
        let copy = source
        let set = MappingSet(
            stream: "s",
            entity: .users,
            rows: [MappingRow(sourceField: "id", targetField: "external_id")] + rows
        )
        _ = try apply(set, to: source)
        #expect(source == copy)
        #expect(try apply(set, to: source).columns.map(\.bytes) == apply(set, to: source).columns.map(\.bytes))
    }
}

/// What the functions mean, written for reading.
enum Naive {
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    static func isStripped(_ scalar: Unicode.Scalar) -> Bool {
        isSpace(scalar) || scalar.properties.isBidiControl
    }

    static func trim(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.firstIndex(where: { !isStripped($0) }),
            let last = scalars.lastIndex(where: { !isStripped($0) })
        else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }

    static func normalizeSpace(_ text: String) -> String {
        trim(text).unicodeScalars.split(whereSeparator: isSpace).map { String($0) }.joined(separator: " ")
    }
}
