import ConnectorKit
import ConnectorKitSupport
import FileImport
import Foundation
import JSON
import TestSupport
import Testing

/// The workbooks of `testdata/xlsx`, each with what it holds beside it.
@Suite struct `Workbook conformance suites` {
    private struct Case {
        var name: String
        var bytes: [UInt8]
        var expected: JSONValue
        var outcome: String { expected["outcome"]?.stringValue ?? "" }
    }

    /// All sheets of a workbook, read in one of the two ways.
    private struct Contents: Equatable {
        var sheets: [String: [String: SheetValue]] = [:]
        var failure: String?
        var isScanned = true
    }

    /// What the two readers that the suite is made of agree on, and Excel does not.
    private static let knownFailures = [
        "calamine/pivots DataSheet!G8": error, "calamine/pivots DataSheet!J5": error,
        "calamine/pivots DataSheet2!G8": error, "calamine/pivots DataSheet2!J5": error,
        "made/libreoffice-dates-1900 Dates!B15":
            "serial 60 is shown as 29/02/1900 in Excel, a day that never was; it stays 1900-02-29, for the mapping to refuse",
        "made/libreoffice-text-numbers Ids!B8": "INF is no number: it stays the text that it is",
        "made/raw-date-1904 Sheet1!A1":
            "day 0 of the 1904 system is 1904-01-01 in Excel; the suite's readers take every serial below 1 for a time",
    ]
    private static let error =
        "#DIV/0! stands in the cell; the one reader that opens this workbook gives errors as empty"

    private func cases(_ folder: String) throws -> [Case] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try names.filter { $0.hasSuffix(".expected.json") }.map { name in
            let expected = try JSONValue(parsing: Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
            let file = try #require(expected["file"]?.stringValue)
            let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
            return Case(name: String(name.dropLast(".expected.json".count)), bytes: bytes, expected: expected)
        }
    }

    private func contents(_ bytes: [UInt8], usesScanner: Bool) -> Contents {
        let host = TestHost()
        let descriptor = host.handIn(bytes, as: "book.xlsx")
        defer { withExtendedLifetime(host) {} }
        var contents = Contents()
        do throws(ConnectorFailure) {
            let input = try InputFile(named: "book.xlsx", descriptor: descriptor)
            let file = try WorkbookFile(
                input,
                SheetOptions(),
                WorkbookLimits(),
                host.context(),
                usesScanner: usesScanner
            )
            for name in file.sheetNames {
                let read = try file.values(ofSheet: name, maxCells: 20000, usesScanner: usesScanner, host.context())
                contents.sheets[name] = read.values
                contents.isScanned = contents.isScanned && read.isScanned
            }
        } catch {
            contents.failure = "\(error.code): \(error.message)"
            if error.failureClass != .data {
                contents.failure = "class \(error.failureClass.rawValue), \(error.message)"
            }
        }
        return contents
    }

    // MARK: - The three outcomes

    @Test(arguments: ["calamine", "poi", "made"]) func `every workbook is read or refused as it should be`(
        suite: String
    ) throws {
        guard let folder = Repository.suite("xlsx/\(suite)") else {
            print("suite xlsx-\(suite): absent")
            return
        }
        var passed = 0
        var known: [String] = []
        var places: [String] = []
        var unscanned: [String] = []
        for workbook in try cases(folder) {
            let name = "\(suite)/\(workbook.name)"
            let scanned = contents(workbook.bytes, usesScanner: true)
            let parsed = contents(workbook.bytes, usesScanner: false)
            #expect(scanned.sheets == parsed.sheets && scanned.failure == parsed.failure, "\(name): both ways")
            var isRight = scanned.sheets == parsed.sheets && scanned.failure == parsed.failure
            switch workbook.outcome {
            case "read":
                if !scanned.isScanned { unscanned.append(workbook.name) }
                let wrong = try differences(scanned, workbook.expected)
                let new = wrong.filter { Self.knownFailures["\(name) \($0.place)"] == nil }
                #expect(new.isEmpty, "\(name): \(new.prefix(5))")
                isRight = isRight && new.isEmpty
                if !wrong.isEmpty, new.isEmpty {
                    known.append(name)
                    places.append(contentsOf: wrong.map { "\(name) \($0.place)" })
                    continue
                }
            case "refuse":
                let message = scanned.failure ?? ""
                #expect(message.contains("book.xlsx") && message.contains(": "), "\(name) is refused: \(message)")
                isRight = isRight && scanned.failure != nil
            case "either": break
            default: Issue.record("\(name) has no outcome")
            }
            if isRight { passed += 1 }
        }
        print("suite xlsx-\(suite): \(passed) passed, \(known.count) known failures, 0 absent")
        for place in places { print("suite xlsx-\(suite), known: \(place): \(Self.knownFailures[place] ?? "")") }
        if !unscanned.isEmpty { print("suite xlsx-\(suite), read by expat: \(unscanned.joined(separator: " "))") }
        #expect(passed + known.count == ["calamine": 64, "poi": 78, "made": 75][suite])
    }

    private struct Difference: CustomStringConvertible {
        var place: String
        var words: String
        var description: String { "\(place): \(words)" }
    }

    private func differences(_ contents: Contents, _ expected: JSONValue) throws -> [Difference] {
        if let failure = contents.failure { return [Difference(place: "-", words: failure)] }
        var found: [Difference] = []
        let sheets = expected["readers"]?["sheets"]?.arrayValue ?? []
        for sheet in sheets where sheet["kind"]?.stringValue == "worksheet" {
            let name = try #require(sheet["name"]?.stringValue)
            guard let read = contents.sheets[name] else {
                found.append(Difference(place: name, words: "the sheet is missing"))
                continue
            }
            let cells = sheet["cells"]?.objectValue?.members ?? []
            var open = Set(cells.map(\.name))
            for key in ["differ", "doubtful"] { open.formUnion((sheet[key]?.objectValue?.members ?? []).map(\.name)) }
            for member in cells {
                let (reference, cell) = (member.name, member.value)
                let kind = cell.arrayValue?.first?.stringValue ?? ""
                let value = cell.arrayValue?.last ?? .null
                if sheet["doubtful"]?[reference] != nil { continue }
                if !agrees(read[reference], kind, value) {
                    let words = "\(String(describing: read[reference])) instead of \(kind) \(value.text)"
                    found.append(Difference(place: "\(name)!\(reference)", words: words))
                }
            }
            guard sheet["cells_cut_at"] == nil else { continue }
            for reference in read.keys where !open.contains(reference) && read[reference]?.text != "" {
                let words = "\(String(describing: read[reference])) where nothing is"
                found.append(Difference(place: "\(name)!\(reference)", words: words))
            }
        }
        return found
    }

    private func agrees(_ read: SheetValue?, _ kind: String, _ value: JSONValue) -> Bool {
        let text = read?.text ?? ""
        switch kind {
        case "text": return text == value.stringValue && [.text, nil].contains(read?.kind)
        case "number":
            guard let wanted = Double(value.stringValue ?? value.text), read?.kind == .number, !text.contains("e")
            else { return false }
            // The fifteen digits that Excel keeps, or a whole number as it stands in the file.
            return Double(text) == Double(String(format: "%.15g", wanted)) || Double(text) == wanted
        case "bool": return read?.kind == .boolean && text == (value.boolValue == true ? "true" : "false")
        case "error": return read?.kind == .error && text == value.stringValue
        case "time": return read?.kind == .time && text == value.stringValue
        case "datetime":
            let wanted = value.stringValue ?? ""
            return read?.kind == .date ? "\(text)T00:00:00" == wanted : read?.kind == .dateAndTime && text == wanted
        case "duration_seconds":
            return read?.kind == .duration && seconds(text) == Double(value.text)
        default: return false
        }
    }

    private func seconds(_ duration: String) -> Double? {
        let parts = duration.drop { $0 == "-" }.split(separator: ":").compactMap { Double($0) }
        guard parts.count == 3 else { return nil }
        let seconds = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * (duration.hasPrefix("-") ? -1 : 1)
        return (seconds * 1000).rounded() / 1000
    }
}
