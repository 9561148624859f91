import ConnectorKit
import Crypto
import FileImport
import FoundationEssentials
import JSON
import TestSupport
import Testing

@Suite struct `CSV conformance suites` {
    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func text(_ json: JSONValue) throws -> [UInt8] {
        Array(try #require(json.stringValue).utf8)
    }

    // MARK: - csv-spectrum

    private static let spectrum = [
        "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
        "quotes_and_newlines", "simple", "simple_crlf", "utf8",
    ]

    @Test func `csv-spectrum`() throws {
        guard let folder = Repository.suite("csv/csv-spectrum") else {
            print("suite csv/csv-spectrum: absent")
            return
        }
        var passed = 0
        for name in Self.spectrum {
            let reading = try read(bytes("\(folder)/csvs/\(name).csv"))
            let rows = try #require(JSONValue(parsing: bytes("\(folder)/json/\(name).json")).arrayValue)
            let expected = rows.map { row in reading.columns.map { row[$0]?.stringValue ?? "" } }
            #expect(reading.values == expected && reading.faults.isEmpty && reading.isComplete, "\(name)")
            #expect(rows.allSatisfy { $0.objectValue?.members.count == reading.columns.count }, "\(name)")
            if reading.values == expected { passed += 1 }
        }
        print("suite csv/csv-spectrum: \(passed) passed, 0 known failures, 0 absent")
        #expect(passed == 11)
    }

    // MARK: - generated, well-formed

    /// What a reader must be told about a file, as the suite's README says: nothing where it can be found.
    private func dialect(_ expected: JSONValue, isDetectable: Bool) throws -> Dialect {
        var dialect = Dialect()
        dialect.hasHeader = expected["header"]?.boolValue ?? true
        let encoding = try #require(expected["encoding"]?.stringValue)
        if !encoding.hasSuffix("-bom"), encoding != "utf-8" {
            dialect.encoding = TextEncoding(rawValue: encoding)
            #expect(dialect.encoding != nil)
        }
        guard !isDetectable else { return dialect }
        let delimiter = try text(#require(expected["delimiter"]))
        #expect(delimiter.count == 1)
        dialect.delimiter = delimiter.first
        dialect.quote = try text(#require(expected["quote"])).first
        return dialect
    }

    @Test func `generated, well-formed: what can be found is found, the rest is told`() throws {
        guard let folder = Repository.suite("csv/generated") else {
            print("suite csv/generated: absent")
            return
        }
        let index = try #require(JSONValue(parsing: bytes("\(folder)/index.json")).arrayValue)
        var passed = 0
        var found = 0
        for entry in index where entry["well_formed"]?.boolValue == true {
            let name = try #require(entry["name"]?.stringValue)
            let expected = try JSONValue(parsing: bytes("\(folder)/files/\(name).expected.json"))
            let isDetectable = expected["detectable"]?.boolValue == true
            let dialect = try dialect(expected, isDetectable: isDetectable)
            let reading = try read(bytes("\(folder)/files/\(name).csv"), dialect)
            let rows = try #require(expected["rows"]?.arrayValue).map { try #require($0.arrayValue) }
            if try agrees(reading, rows, dialect) {
                passed += 1
                if isDetectable { found += 1 }
            } else {
                Issue.record("\(name): \(reading)")
            }
        }
        print("suite csv/generated: \(passed) passed, 0 known failures, 0 absent (\(found) with nothing told)")
        #expect(passed == 113)
    }

    @Test func `generated: encodings without a mark are found too`() throws {
        guard let folder = Repository.suite("csv/generated") else {
            print("suite csv/generated encodings: absent")
            return
        }
        let names = [
            "enc-utf-16le-no-bom": "utf-16le", "enc-utf-16be-no-bom": "utf-16be",
            "enc-iso-8859-1": "windows-1252", "enc-windows-1256": "windows-1256",
            "enc-windows-1256-semicolon": "windows-1256", "enc-iso-8859-6": "iso-8859-6",
        ]
        for (name, encoding) in names {
            let reading = try read(bytes("\(folder)/files/\(name).csv"), Dialect())
            #expect(reading.found["encoding"] == encoding, "\(name)")
            let isGuess = !encoding.hasPrefix("utf-16")
            #expect(reading.found["encoding_by"] == (isGuess ? "guess" : "bytes"), "\(name)")
            #expect(reading.warnings.contains { $0.contains("set encoding") } == isGuess, "\(name)")
            #expect(reading.faults.isEmpty, "\(name)")
        }
        // Six letters, of which Žižek's two are Slovene and Windows-1250's as well.
        let doubtful = try read(bytes("\(folder)/files/enc-windows-1252.csv"), Dialect())
        #expect(doubtful.failure?.code == "encoding_unknown")
    }

    /// Whether the reading is what the rows say: a row of another length than the header is a spoiled one here.
    private func agrees(_ reading: Reading, _ rows: [[JSONValue]], _ dialect: Dialect) throws -> Bool {
        guard let first = rows.first else { return reading.failure?.code == "file_empty" }
        guard reading.failure == nil, reading.isComplete, reading.columns.count == first.count else { return false }
        let hasHeader = dialect.hasHeader ?? true
        let header = hasHeader ? first.map { $0.stringValue ?? "" } : []
        if hasHeader, Set(header).count == header.count, !header.contains("") {
            guard reading.columns == header else { return false }
        }
        let body = hasHeader ? Array(rows.dropFirst()) : rows
        guard reading.rows.count == body.count else { return false }
        return try zip(reading.rows, body).allSatisfy { row, cells in
            if cells.count < first.count { return row.fault?.code == "too_few_fields" }
            if cells.count > first.count { return row.fault?.code == "too_many_fields" }
            guard row.fault == nil, row.values.count == cells.count else { return false }
            return try zip(row.values, cells).allSatisfy { value, cell in
                guard let digest = cell["$sha256"]?.stringValue else { return try Array(value.utf8) == text(cell) }
                let bytes = Array(value.utf8)
                return Int64(bytes.count) == cell["$utf8_length"]?.integerValue && SHA256.hash(bytes).hex == digest
            }
        }
    }

    // MARK: - generated, malformed

    /// The values of the good rows, and line and code of each spoiled one; or the failure of the whole.
    private struct Advice {
        var values: [[String]] = []
        var faults: [(line: Int64, code: String)] = []
        var failure: (code: String, words: String)?
    }

    private let advice: [String: Advice] = [
        "delim-sep-line": Advice(values: [["1", "x,y"]]),
        "blank-line-single-column": Advice(values: [["1"], ["3"]]),
        "blank-lines": Advice(values: [["1", "2"], ["3", "4"]]),
        "enc-invalid-utf8": Advice(
            values: [["4", "fine"]],
            faults: [(2, "not_utf8"), (3, "not_utf8"), (4, "not_utf8")]
        ),
        "enc-truncated-utf8": Advice(faults: [(2, "not_utf8")]),
        "enc-utf-16le-odd": Advice(values: [["1", "2"]], faults: [(3, "too_few_fields")]),
        "leading-blank-lines": Advice(values: [["1", "2"]]),
        "nul-byte": Advice(failure: ("not_text", "offset 7")),
        "only-newline": Advice(failure: ("header_missing", "blank lines")),
        "quote-backslash-escape": Advice(faults: [(2, "text_after_quote")]),
        "quote-in-middle": Advice(values: [["5\" pipe", "steel"], ["12", "6\" x 4\" plate"]]),
        "quote-lone": Advice(failure: ("unclosed_quote", "line 2")),
        "quote-space-before-open": Advice(faults: [(2, "too_many_fields")]),
        "quote-text-after-close": Advice(faults: [(2, "text_after_quote"), (3, "text_after_quote")]),
        "quote-unterminated-early": Advice(values: [["1", "x"]], failure: ("unclosed_quote", "line 3")),
        "quote-unterminated-end": Advice(failure: ("unclosed_quote", "line 2")),
        "whitespace-lines": Advice(values: [["1", "2"]], faults: [(2, "too_few_fields"), (4, "too_few_fields")]),
    ]

    @Test func `generated, malformed: no row is lost in silence`() throws {
        guard let folder = Repository.suite("csv/generated") else {
            print("suite csv/generated malformed: absent")
            return
        }
        let index = try #require(JSONValue(parsing: bytes("\(folder)/index.json")).arrayValue)
        var passed = 0
        for entry in index where entry["well_formed"]?.boolValue == false {
            let name = try #require(entry["name"]?.stringValue)
            var dialect = Dialect()
            // Not UTF-8, as it should be: told so, the rows are named.
            if name == "enc-invalid-utf8" { dialect.encoding = .utf8 }
            let reading = try read(bytes("\(folder)/files/\(name).csv"), dialect)
            let advice = try #require(advice[name], "\(name)")
            #expect(reading.values == advice.values, "\(name)")
            #expect(reading.faults.map(\.line) == advice.faults.map(\.line), "\(name)")
            #expect(reading.faults.map { $0.fault?.code } == advice.faults.map(\.code), "\(name)")
            #expect(reading.failure?.code == advice.failure?.code, "\(name)")
            if let words = advice.failure?.words {
                #expect(reading.failure?.message.contains(words) == true, "\(name)")
            }
            if reading.failure?.code == advice.failure?.code { passed += 1 }
        }
        print("suite csv/generated malformed: \(passed) passed, 0 known failures, 0 absent")
        #expect(passed == 17)
        let guessed = try read(bytes("\(folder)/files/enc-invalid-utf8.csv"), Dialect())
        #expect(guessed.failure?.code == "encoding_unknown")
    }

    // MARK: - papaparse

    /// Options of Papa Parse that there is a setting for, or that the reading has anyway.
    private static let options: Set<String> = ["delimiter", "quoteChar", "header", "skipEmptyLines", "newline"]

    /// What this reader does otherwise, each with the reason.
    private static let knownDifferences: [String: String] = [
        #"Bad delimiter (\n)"#: "a wrong setting is refused, not replaced",
        "Multi-character delimiter": "a delimiter is one character",
        "Multi-character delimiter (length 2) with quoted field": "a delimiter is one character",
        "Mixed slash n and slash r should choose first as precident": "every line end ends a record",
        "Simple duplicated header names": "a repeated name gets _2, not _1",
        "Duplicated header names existing column": "a repeated name gets _2, _3, not the number of repetitions",
        "Duplicate header names with __proto__ field": "a repeated name gets _2, not _1",
        "Quoted field has no closing quote": "refused: a quote that swallows the rest of a file is no value",
        "Quoted field has invalid trailing quote after delimiter with a valid closer":
            "text after a quote spoils its row",
        "Quoted field has invalid trailing quote after delimiter": "text after a quote spoils its row",
        "Quoted field has invalid trailing quote before delimiter": "text after a quote spoils its row",
        "Quoted field has invalid trailing quote after new line": "text after a quote spoils its row",
        "Parsing with skipEmptyLines set to 'greedy'": "a row of empty fields is a row",
        "Parsing with skipEmptyLines set to 'greedy' with quotes and delimiters as content":
            "a row of empty fields is a row",
    ]

    /// Rows as texts, and the header's names where there are any; nil where they are not texts.
    private func expectation(_ expected: JSONValue) -> (names: [String]?, rows: [[String]])? {
        guard let data = expected["data"]?.arrayValue else { return nil }
        var names: [String]?
        var rows: [[String]] = []
        for row in data {
            if let cells = row.arrayValue {
                rows.append(cells.compactMap(\.stringValue))
            } else if let members = row.objectValue?.members {
                names = names ?? members.map(\.name)
                rows.append(
                    members.flatMap {
                        $0.value.stringValue.map { [$0] } ?? $0.value.arrayValue?.compactMap(\.stringValue) ?? []
                    }
                )
            }
        }
        // A line without any byte is no record here, as with skipEmptyLines.
        return (names, rows.filter { $0 != [""] })
    }

    @Test func `papaparse, the cases for options that exist`() throws {
        guard let folder = Repository.suite("csv/papaparse") else {
            print("suite csv/papaparse: absent")
            return
        }
        var passed = 0
        var known: [String] = []
        var otherOptions = 0
        for file in ["core", "parse"] {
            for entry in try #require(JSONValue(parsing: bytes("\(folder)/\(file).json")).arrayValue) {
                let name = try #require(entry["description"]?.stringValue)
                let config = entry["config"]?.objectValue?.members ?? []
                guard config.allSatisfy({ Self.options.contains($0.name) }), let input = entry["input"]?.stringValue,
                    let expected = entry["expected"].flatMap(expectation)
                else {
                    otherOptions += 1
                    continue
                }
                var dialect = Dialect()
                // Quotes with spaces behind them are Papa Parse's rule, and a leniency here.
                dialect.isStrict = !name.contains("spaces")
                dialect.hasHeader = entry["config"]?["header"]?.boolValue ?? false
                dialect.delimiter = entry["config"]?["delimiter"]?.stringValue?.utf8.first
                if let quote = entry["config"]?["quoteChar"]?.stringValue { dialect.quote = quote.utf8.first }
                let reading = try read(input.utf8, dialect)
                let isKnown = Self.knownDifferences[name] != nil
                if isKnown { known.append(name) }
                if agrees(reading, expected.names, expected.rows) != isKnown {
                    if !isKnown { passed += 1 }
                } else {
                    Issue.record("\(file), \(name): \(reading), expected \(expected)")
                }
            }
        }
        print(
            "suite csv/papaparse: \(passed) passed, \(known.count) known failures, 0 absent; \(otherOptions) for other options"
        )
        for name in known { print("    \(name): \(Self.knownDifferences[name] ?? "")") }
        #expect(passed == 94 && known.count == Self.knownDifferences.count)
    }

    /// A row of another length than the first is a spoiled one here, with its bytes.
    private func agrees(_ reading: Reading, _ names: [String]?, _ rows: [[String]]) -> Bool {
        if rows.isEmpty, reading.failure != nil { return reading.failure?.code == "file_empty" }
        guard reading.failure == nil, reading.isComplete, reading.rows.count == rows.count else { return false }
        if let names, Array(names.prefix(reading.columns.count)) != Array(reading.columns.prefix(names.count)) {
            return false
        }
        return zip(reading.rows, rows).allSatisfy { row, cells in
            if cells.count < reading.columns.count { return row.fault?.code == "too_few_fields" }
            if cells.count > reading.columns.count { return row.fault?.code == "too_many_fields" }
            return row.values == cells
        }
    }
}
