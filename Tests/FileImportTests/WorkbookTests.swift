import ConnectorKit
import ConnectorKitSupport
import FileImport
import Glibc
import Testing

@Suite struct `A workbook's sheets` {
    private func book() -> [UInt8] {
        var maker = WorkbookMaker()
        maker.addBook([
            ("People", ""), ("Notes", "hidden"), ("Courses &amp; more", ""), ("2", "veryHidden"), ("Empty", ""),
        ])
        let sheets = [[["id"], ["1"]], [["note"], ["secret"]], [["code"], ["C1"]], [["x"], ["y"]], []]
        for (index, rows) in sheets.enumerated() {
            maker.add(
                "xl/worksheets/sheet\(index + 1).xml",
                "<worksheet \(WorkbookMaker.main)><sheetData>\(WorkbookMaker.rows(rows))</sheetData></worksheet>"
            )
        }
        return maker.archive()
    }

    private func read(_ stream: String, sheet: String? = nil) throws -> SheetReading {
        var options = SheetOptions()
        options.sheet = sheet
        return try readSheet(book(), options, stream: stream)
    }

    private func streams(_ bytes: [UInt8], sheet: String? = nil) throws -> [StreamDescription] {
        let host = TestHost()
        let descriptor = host.handIn(bytes, as: "book.xlsx")
        var options = SheetOptions()
        options.sheet = sheet
        let file = try WorkbookFile(InputFile(named: "book.xlsx", descriptor: descriptor), options, host.context())
        return try file.streams(host.context())
    }

    @Test func `each sheet that isn't hidden and holds something is a stream`() throws {
        let streams = try streams(book())
        #expect(streams.map(\.name) == ["People", "Courses & more"])
        #expect(streams.map { $0.fields.map(\.name) } == [["id"], ["code"]])
        #expect(streams.map { $0.fields.map(\.sample) } == [["1"], ["C1"]])
        #expect(
            streams[0].found == [
                "format": "xlsx", "sheet": "People", "columns": "A:A", "header_row": "1", "hidden_sheets": "Notes, 2",
            ]
        )
        #expect(try read("Courses & more").values == [["C1"]])
    }

    @Test func `an unknown stream lists those that there are`() throws {
        let failure = try read("Staff").failure
        #expect(failure?.failureClass == .notFound && failure?.code == "sheet_unknown")
        #expect(failure?.message == "book.xlsx has no sheet “Staff”; it has “People”, “Courses & more”, “Empty”.")
    }

    @Test(
        arguments: [
            ("People", [["1"]]), ("people", [["1"]]), ("2", [["y"]]), ("1", [["1"]]), ("Notes", [["secret"]]),
            ("COURSES & MORE", [["C1"]]),
        ]) func `the setting chooses one by name or number, also a hidden one, whatever the stream is called`(
            sheet: String,
            values: [[String]]
        ) throws
    {
        #expect(try read("upload-2025-06.xlsx", sheet: sheet).values == values)
    }

    @Test func `a number counts the sheets that aren't hidden, unless a sheet is called so`() throws {
        #expect(try read("any", sheet: "3").failure?.code == "sheet_empty")
        let failure = try read("any", sheet: "4").failure
        #expect(failure?.code == "sheet_unknown" && failure?.failureClass == .config && failure?.pointer == "/sheet")
        #expect(failure?.message.contains("“Notes” (hidden)") == true)
    }

    @Test func `the only sheet takes any stream name and is named after the file`() throws {
        let bytes = WorkbookMaker.sheet(WorkbookMaker.rows([["id"], ["1"]])).archive()
        #expect(try streams(bytes).map(\.name) == ["book.xlsx"])
        #expect(try readSheet(bytes, stream: "whatever").values == [["1"]])
    }

    @Test func `a workbook of hidden sheets alone says so`() throws {
        var maker = WorkbookMaker.sheet(WorkbookMaker.rows([["id"], ["1"]]))
        maker.addBook([("Data", "hidden")])
        #expect(try readSheet(maker.archive()).failure?.code == "sheet_missing")
    }
}

@Suite struct `Workbooks that are refused` {
    private let rows = WorkbookMaker.rows([["id", "name"], ["1", "Ada"]])

    private func failure(_ bytes: [UInt8], limits: WorkbookLimits = WorkbookLimits()) throws -> ConnectorFailure? {
        let reading = try readSheet(bytes, limits: limits)
        #expect(!reading.isComplete)
        #expect(reading.failure?.failureClass == .data)
        #expect(reading.failure?.message.contains("book.xlsx") == true)
        return reading.failure
    }

    @Test(
        arguments: [
            ("", "file_empty"), ("id,name\n1,Ada\n", "not_a_workbook"),
            ("<html><table></table></html>", "not_a_workbook"),
            ("<?xml version=\"1.0\"?><Workbook/>", "not_a_workbook"), ("\0\0\0\0", "workbook_damaged"),
            ("PK\u{3}\u{4} and no more", "workbook_damaged"),
        ]) func `what is no zip archive is named`(text: String, code: String) throws
    {
        #expect(try failure(Array(text.utf8))?.code == code)
    }

    @Test func `old and encrypted workbooks say what to do`() throws {
        let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
        let filler = [UInt8](repeating: 0xFF, count: 3000)
        let encrypted = compound + filler + "EncryptedPackage".utf8.flatMap { [$0, 0] } + filler
        #expect(try failure(encrypted)?.code == "workbook_encrypted")
        #expect(try failure(encrypted)?.message.contains("Encrypt with Password") == true)
        let old = try failure(compound + filler + "Workbook".utf8.flatMap { [$0, 0] } + filler)
        #expect(old?.code == "not_a_workbook" && old?.message.contains("save it as .xlsx") == true)
        #expect(
            try failure(WorkbookMaker.sheet(rows).archive(lies: ["xl/workbook.xml": .init(isEncrypted: true)]))?.code
                == "workbook_encrypted"
        )
    }

    @Test(arguments: [("word/document.xml", "Word"), ("content.xml", "OpenDocument"), ("xl/workbook.bin", ".xlsb")])
    func `other documents are told apart`(part: String, words: String) throws {
        var maker = WorkbookMaker()
        maker.add(part, "<x/>")
        #expect(try failure(maker.archive())?.message.contains(words) == true)
    }

    @Test func `a truncated archive is damaged, wherever it is cut`() throws {
        let bytes = WorkbookMaker.sheet(rows).archive()
        for count in stride(from: 4, to: bytes.count, by: 37) {
            #expect(try failure(Array(bytes.prefix(count)))?.code == "workbook_damaged")
        }
    }

    @Test(
        arguments: [
            WorkbookMaker.Lie(checksum: 7), WorkbookMaker.Lie(size: 10), WorkbookMaker.Lie(size: 100_000),
        ]) func `a directory that lies about a sheet is damage`(lie: WorkbookMaker.Lie) throws
    {
        let failure = try failure(WorkbookMaker.sheet(rows).archive(lies: ["xl/worksheets/sheet1.xml": lie]))
        #expect(failure?.code == "workbook_damaged")
    }

    @Test func `more files than a workbook can have are not even listed`() throws {
        var maker = WorkbookMaker.sheet(rows)
        for number in 0..<5000 { maker.parts.append(("x\(number)", [])) }
        #expect(try failure(maker.archive())?.code == "workbook_too_large")
    }

    @Test(arguments: [
        "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
    ])
    func `a document type is refused in every part`(part: String) throws {
        var maker = WorkbookMaker.sheet(rows, texts: "<si><t>x</t></si>", formats: ["0"])
        let text = String(decoding: maker.parts.first { $0.name == part }?.bytes ?? [], as: UTF8.self)
        let root = text.drop { $0 != ">" }.dropFirst()
        maker.add(part, Array("<!DOCTYPE x [<!ENTITY a \"b\">]>\(root)".utf8))
        #expect(try failure(maker.archive())?.code == "doctype_refused")
    }

    @Test(
        arguments: [
            "<row><c><v>1</v></c>", "<row><c><v>1</c></row>", "<row><c r=\"A1></c></row>",
            "<row><c><v>&undefined;</v></c></row>",
            "<row><c><v>1</v></row>", "<row><c><v>\u{1}</v></c></row>", "<row><c t=\"s\"><v>1</v></c></row></x>",
            "<row><c><v>]]></v></c></row>",
        ]) func `XML that is none says where`(xml: String) throws
    {
        let failure = try failure(WorkbookMaker.sheet(rows + xml).archive())
        #expect(failure?.code == "part_broken" && failure?.message.contains("xl/worksheets/sheet1.xml") == true)
        #expect(failure?.message.contains("line 1, column") == true)
    }

    @Test func `bytes that are no UTF-8 say where`() throws {
        var maker = WorkbookMaker.sheet(rows)
        let bytes = maker.parts.first { $0.name == "xl/worksheets/sheet1.xml" }?.bytes ?? []
        maker.add("xl/worksheets/sheet1.xml", bytes.map { $0 == UInt8(ascii: "d") ? 0xFF : $0 })
        #expect(try failure(maker.archive())?.code == "part_broken")
    }

    @Test(arguments: ["<row r=\"0\"/>", "<row r=\"1048577\"/>", "<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>"])
    func `what lies outside the grid is refused`(xml: String) throws {
        #expect(try failure(WorkbookMaker.sheet(xml).archive())?.message.contains("outside the grid") == true)
    }

    @Test(arguments: ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
    func `a missing part is named`(part: String) throws {
        var maker = WorkbookMaker.sheet(rows)
        maker.parts.removeAll { $0.name == part }
        #expect(try failure(maker.archive())?.message.contains(part) == true || part == "xl/workbook.xml")
    }

    @Test func `limits are counted while unpacking`() throws {
        let bytes = WorkbookMaker.sheet(rows, texts: "<si><t>x</t></si><si><t>y</t></si>").archive()
        var limits = WorkbookLimits()
        limits.largePartBytes = 100
        #expect(try failure(bytes, limits: limits)?.code == "workbook_too_large")
        limits = WorkbookLimits()
        limits.smallPartBytes = 100
        #expect(try failure(bytes, limits: limits)?.code == "workbook_too_large")
        limits = WorkbookLimits()
        limits.ratio = 1
        limits.ratioFrom = 10
        #expect(try failure(bytes, limits: limits)?.code == "workbook_too_large")
        limits = WorkbookLimits()
        limits.sharedTexts = 1
        #expect(try failure(bytes, limits: limits)?.message.contains("different texts") == true)
    }
}

@Suite struct `Large sheets` {
    /// Rows with everything that tokens are made of.
    private static func rows(_ count: Int) -> String {
        var xml = "<row r=\"1\"><c t=\"str\"><v>id</v></c><c t=\"str\"><v>text</v></c><c t=\"str\"><v>day</v></c></row>"
        for number in 2...count {
            let text =
                switch number % 5 {
                case 0: "<c t=\"s\"><v>\(number % 3)</v></c>"
                case 1:
                    "<c t=\"inlineStr\"><is><r><rPr><b/></rPr><t>a &amp; b</t></r><r><t>é \(number)</t></r></is></c>"
                case 2:
                    "<c r=\"B\(number)\" t=\"str\" s='1'><f>\"x>y\"</f><v>\(String(repeating: "long ", count: number % 40))</v></c>"
                case 3: "<c/>"
                default: "<!-- a note --><c t=\"e\"><v>#REF!</v></c>"
                }
            let hidden = number % 7 == 0 ? " hidden=\"1\"" : ""
            xml +=
                "\n<row r=\"\(number + number / 10)\"\(hidden)><c><v>\(number)</v></c>\(text)<c r=\"C\(number + number / 10)\" s=\"1\"><v>\(45000 + number)</v></c></row>"
        }
        return xml
    }

    private let texts = "<si><t>one</t></si><si><t>two</t></si><si><t>three &lt;</t></si>"

    private func book(_ count: Int) -> [UInt8] {
        WorkbookMaker.sheet(Self.rows(count), texts: texts, formats: ["dd/mm/yyyy"]).archive()
    }

    @Test func `windows of any size make the same rows`() throws {
        let bytes = book(120)
        let whole = try readSheet(bytes)
        #expect(whole.isComplete && whole.rows.count == 119 && whole.faults.count == 24)
        for size in Array(1...20) + [64, 100, 333, 1000] {
            var limits = WorkbookLimits()
            limits.windowBytes = size
            let reading = try readSheet(bytes, limits: limits, ways: Ways(bytesPerRead: size))
            #expect(reading == whole, "windows of \(size) bytes")
        }
        #expect(try readSheet(bytes, usesScanner: false) == whole)
    }

    @Test func `what the scanner doesn't know is read with expat from there on, no row twice`() throws {
        let xml = Self.rows(60)
        let whole = try readSheet(WorkbookMaker.sheet(xml, texts: texts, formats: ["dd/mm/yyyy"]).archive())
        let odd =
            String(xml.prefix(xml.count / 2))
            + xml.dropFirst(xml.count / 2)
            .replacing("<v>", with: "<v><![CDATA[", maxReplacements: 1).replacing(
                "</v>",
                with: "]]></v>",
                maxReplacements: 1
            )
        let reading = try readSheet(WorkbookMaker.sheet(odd, texts: texts, formats: ["dd/mm/yyyy"]).archive())
        #expect(reading.withoutTokens == whole.withoutTokens)
    }

    @Test func `sheets in UTF-16 or with prefixed names are the same`() throws {
        let xml = Self.rows(60)
        let bytes = WorkbookMaker.sheet(xml, texts: texts, formats: ["dd/mm/yyyy"])
        let whole = try readSheet(bytes.archive())
        var wide = bytes
        let text =
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><worksheet \(WorkbookMaker.main)><sheetData>\(xml)</sheetData></worksheet>"
        wide.add("xl/worksheets/sheet1.xml", [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        #expect(try readSheet(wide.archive()).withoutTokens == whole.withoutTokens)
        var prefixed = bytes
        let inside = "<sheetData>\(xml)</sheetData>".replacing("</", with: "\u{0}").replacing("<!--", with: "\u{1}")
            .replacing("<", with: "<x:").replacing("\u{0}", with: "</x:").replacing("\u{1}", with: "<!--")
        let main = WorkbookMaker.main.replacing("xmlns", with: "xmlns:x")
        prefixed.add("xl/worksheets/sheet1.xml", "<x:worksheet \(main)>\(inside)</x:worksheet>")
        #expect(try readSheet(prefixed.archive()).withoutTokens == whole.withoutTokens)
    }

    @Test(arguments: [1, 7, 64]) func `goes on at every batch as if nothing had happened`(batchRows: Int) throws {
        let bytes = book(90)
        let whole = try readSheet(bytes, ways: Ways(batchRows: batchRows))
        #expect(whole.isComplete && whole.rows.count == 89)
        for (index, token) in whole.tokens.enumerated() {
            let rest = try readSheet(bytes, ways: Ways(batchRows: batchRows, token: token))
            #expect(rest.rows == Array(whole.rows.dropFirst((index + 1) * batchRows)))
            #expect(rest.tokens == Array(whole.tokens.dropFirst(index + 1)) && rest.isComplete)
        }
    }

    @Test func `a changed workbook or another sheet loses its state`() throws {
        let host = TestHost()
        let descriptor = host.handIn(book(90), as: "book.xlsx")
        let token = try #require(try readSheet(descriptor, of: host, ways: Ways(batchRows: 30)).tokens.first)
        let ways = Ways(token: token)
        #expect(try readSheet(descriptor, of: host, ways: ways).rows.count == 59)
        var options = SheetOptions()
        options.isStrict = false
        #expect(try readSheet(descriptor, of: host, options, ways: ways).failure?.code == "file_differs")
        #expect(try readSheet(book(91), ways: ways).failure?.failureClass == .stateLost)
        for other in [
            "", "{}", #"{"v":1,"format":"csv"}"#, String(decoding: token, as: UTF8.self).replacing("xlsx", with: "csv"),
        ] {
            let failure = try readSheet(descriptor, of: host, ways: Ways(token: Array(other.utf8))).failure
            #expect(failure?.failureClass == .stateLost)
        }
        host.setModified(descriptor, seconds: 1)
        #expect(try readSheet(descriptor, of: host, ways: ways).failure?.code == "file_differs")
    }

    @Test func `a limit ends the reading, and the summary does not claim the rest`() throws {
        let reading = try readSheet(book(90), ways: Ways(batchRows: 8, limit: 20))
        #expect(reading.rows.count == 20 && !reading.isComplete)
    }

    @Test func `a workbook that changes while it is read is a conflict`() throws {
        let host = TestHost()
        let descriptor = host.handIn(book(90), as: "book.xlsx")
        let reading = try readSheet(descriptor, of: host, ways: Ways(batchRows: 20)) {
            host.setModified(descriptor, seconds: 5)
        }
        #expect(reading.failure?.code == "file_changed" && !reading.isComplete)
    }

    @Test func `a cancelled pull stops`() throws {
        let host = TestHost()
        let descriptor = host.handIn(book(90), as: "book.xlsx")
        host.cancel()
        #expect(try readSheet(descriptor, of: host).failure?.failureClass == .cancelled)
    }

    @Test func `texts beyond the memory's limit lie in a scratch file`() throws {
        let count = 3000
        let texts = (0..<count).map { "<si><t>text \($0) \(String(repeating: "z", count: $0 % 200))</t></si>" }.joined()
        var order = Array(0..<count)
        var random = SplitMix64(state: 1)
        order.shuffle(using: &random)
        let rows =
            "<row><c t=\"str\"><v>a</v></c></row>" + order.map { "<row><c t=\"s\"><v>\($0)</v></c></row>" }.joined()
        let bytes = WorkbookMaker.sheet(rows, texts: texts).archive()
        let whole = try readSheet(bytes)
        #expect(whole.rows.count == count && whole.failure == nil)
        for size in [0, 100, 20000] {
            var limits = WorkbookLimits()
            limits.sharedTextBytes = size
            #expect(try readSheet(bytes, limits: limits) == whole, "\(size) bytes in memory")
        }
    }

    @Test func `a scratch file that can't be read ends the reading, and gives no other text`() throws {
        let count = 3000
        // Five blocks of the file.
        let texts = (0..<count).map { "<si><t>text \($0) \(String(repeating: "z", count: 100))</t></si>" }.joined()
        let rows =
            "<row><c t=\"str\"><v>a</v></c></row>"
            + (0..<count).map { "<row><c t=\"s\"><v>\($0)</v></c></row>" }.joined()
        let bytes = WorkbookMaker.sheet(rows, texts: texts).archive()
        let whole = try readSheet(bytes)
        var limits = WorkbookLimits()
        limits.sharedTextBytes = 100
        let host = TestHost()
        let descriptor = host.handIn(bytes, as: "book.xlsx")
        var cut = 0
        let reading = try readSheet(descriptor, of: host, limits: limits, ways: Ways(batchRows: 100)) {
            guard cut == 0 else { return }
            // The scratch file of this workbook, and no other file, has the size of all its texts.
            let size = (0..<count).reduce(0) { $0 + "text \($1) ".utf8.count + 100 }
            // Other tests beside this one may hold thousands.
            for candidate in CInt(3)..<65_536 {
                var status = stat()
                guard unsafe fstat(candidate, &status) == 0, status.st_nlink == 0, Int(status.st_size) == size else {
                    continue
                }
                ftruncate(candidate, 100_000)
                cut += 1
            }
        }
        #expect(cut == 1)
        #expect(reading.failure?.code == "scratch_unreadable" && reading.failure?.failureClass == .unavailable)
        #expect(reading.rows.count >= 100 && reading.rows.count < 1000)
        #expect(reading.rows == Array(whole.rows.prefix(reading.rows.count)))
    }

    @Test func `a token that never ends takes no memory`() throws {
        let name = String(repeating: "n", count: 3_000_000)
        let reading = try readSheet(WorkbookMaker.sheet("<row><c \(name)=\"1\"/></row>").archive())
        #expect(reading.failure?.code == "part_broken" && reading.failure?.message.contains("too long") == true)
        let text = try readSheet(WorkbookMaker.sheet(WorkbookMaker.rows([["a"], [name], ["b"]])).archive())
        #expect(text.faults.map { $0.fault?.code } == ["cell_too_long"] && text.values == [["b"]])
    }
}

@Suite struct `Scanner and expat` {
    /// What sheets are made of, and what breaks them.
    private static let pieces = [
        "<row>", "<row r=\"3\">", "</row>", "<row/>", "<c>", "<c r=\"B2\">", "<c t=\"str\">",
        "<c t='inlineStr' s=\"1\">", "<c/>",
        "</c>", "<v>", "</v>", "<v/>", "12", " ", "\r\n", "&amp;", "&#x41;", "&bad;", "<is>", "</is>", "<t>", "</t>",
        "<r>", "</r>",
        "<rPh>", "</rPh>", "<f>", "</f>", "é", "_x0041_", "<!-- -->", "<![CDATA[7]]>", "<?pi?>", "]]>", "<", ">",
        "<x:c>", "<extLst/>",
    ]

    @Test func `random sheets are the same to both, and what is no XML is never more to the scanner`() throws {
        var random = SplitMix64(state: 9)
        var read = 0
        for _ in 0..<1500 {
            var xml = "<row><c t=\"str\"><v>h</v></c><c><v>1</v></c></row>"
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let cells = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    ["<c><v>1</v></c>", "<c t=\"inlineStr\"><is><t> x </t></is></c>", "<c r=\"D9\"/>"].randomElement(
                        using: &random
                    ) ?? ""
                }
                xml += "<row>\(cells.joined())</row>"
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let places = xml.indices.filter { xml[$0] == "<" || xml[$0] == ">" }
                let place = places.randomElement(using: &random) ?? xml.startIndex
                xml.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? "", at: place)
            }
            let bytes = WorkbookMaker.sheet(xml).archive()
            let scanned = try readSheet(bytes)
            let parsed = try readSheet(bytes, usesScanner: false)
            #expect(scanned == parsed, "\(xml)")
            if scanned.failure == nil { read += 1 }
        }
        #expect(read > 150 && read < 1350, "\(read)")
    }
}
