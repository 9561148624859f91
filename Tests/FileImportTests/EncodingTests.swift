import ConnectorKit
import FileImport
import Glibc
import Testing

/// A text in an encoding; nil for a character that it lacks.
func encoded(_ text: String, _ encoding: TextEncoding) -> [UInt8] {
    switch encoding {
    case .utf8: return Array(text.utf8)
    case .utf16LE: return text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    case .utf16BE: return text.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    case .windows1252, .windows1256, .iso88591, .iso88596:
        return text.unicodeScalars.map { scalar in
            guard scalar.value >= 0x80 else { return UInt8(scalar.value) }
            return reverse[encoding]?[scalar.value] ?? UInt8(ascii: "?")
        }
    }
}

/// The characters of each code page, by hand or by rule: another source than the connector's tables.
private let reverse: [TextEncoding: [UInt32: UInt8]] = {
    var latin: [UInt32: UInt8] = [:]
    for byte in UInt8(0xA0)...0xFF { latin[UInt32(byte)] = byte }
    var western = latin
    western[0x20AC] = 0x80
    western[0x2019] = 0x92
    western[0x0160] = 0x8A
    western[0x017E] = 0x9E
    // ISO 8859-6 has U+0621…U+063A from 0xC1 on and U+0640…U+0652 from 0xE0 on.
    var iso: [UInt32: UInt8] = [0x60C: 0xAC, 0x61B: 0xBB, 0x61F: 0xBF]
    for scalar in UInt32(0x621)...0x63A { iso[scalar] = UInt8(scalar - 0x621 + 0xC1) }
    for scalar in UInt32(0x640)...0x652 { iso[scalar] = UInt8(scalar - 0x640 + 0xE0) }
    // Windows-1256 puts the letters between French ones.
    let letters: [(UInt8, [UInt32])] = [
        (0xC1, Array(0x621...0x636)), (0xD8, [0x637, 0x638, 0x639, 0x63A, 0x640, 0x641, 0x642, 0x643]),
        (0xE1, [0x644]), (0xE3, [0x645, 0x646, 0x647, 0x648]), (0xEC, [0x649, 0x64A]),
    ]
    var arabic: [UInt32: UInt8] = [0x60C: 0xA1, 0x61B: 0xBA, 0x61F: 0xBF, 0xE9: 0xE9, 0xE7: 0xE7, 0x20AC: 0x80]
    for (first, scalars) in letters {
        for (index, scalar) in scalars.enumerated() { arabic[scalar] = first + UInt8(index) }
    }
    return [.windows1252: western, .windows1256: arabic, .iso88591: latin, .iso88596: iso]
}()

@Suite struct `CSV in other encodings` {
    private static let latin = "name,city\nMüller,Köln\nJosé,Málaga\n\"Renée \"\"R\"\"\",Orléans\n"
    private static let arabic = "الاسم,المدينة\nمحمد علي,الرياض\nفاطمة الزهراء,القاهرة\nعبد الله,جدة\n"

    private static func text(_ encoding: TextEncoding) -> String {
        switch encoding {
        case .windows1252, .iso88591: latin
        case .windows1256, .iso88596: arabic
        case .utf8, .utf16LE, .utf16BE: latin + arabic + "😀,\u{10FFFF}é\n"
        }
    }

    private func dialect(_ encoding: TextEncoding?) -> Dialect {
        var dialect = Dialect.plain
        dialect.encoding = encoding
        return dialect
    }

    @Test(arguments: TextEncoding.allCases) func `a told encoding gives the same rows as UTF-8`(
        _ encoding: TextEncoding
    ) throws {
        let text = Self.text(encoding)
        let expected = try read(text.utf8)
        #expect(expected.values.count >= 3)
        let reading = try read(encoded(text, encoding), dialect(encoding))
        #expect(reading.columns == expected.columns)
        #expect(reading.rows == expected.rows)
        #expect(reading.found["encoding"] == encoding.rawValue && reading.found["encoding_by"] == "told")
    }

    @Test(arguments: TextEncoding.allCases)
    func `windows, small reads and resumption make no difference`(_ encoding: TextEncoding) throws {
        let value = Self.text(encoding).map { $0 == "\"" ? "\"\"" : String($0) }.joined()
        let text = "id,name\r\n" + (0..<60).map { "\($0),\"\(value)\"\r\n" }.joined()
        let bytes = encoded(text, encoding)
        let whole = try read(text.utf8, .plain, Ways(batchRows: 7))
        #expect(whole.rows.count == 60 && whole.faults.isEmpty)
        for (window, bytesPerRead) in [(16, 1), (40, 3), (1000, 64), (CSVFile.windowBytes, Int.max)] {
            let ways = Ways(windowBytes: window, bytesPerRead: bytesPerRead, batchRows: 7)
            let reading = try read(bytes, dialect(encoding), ways)
            #expect(reading.batches == whole.batches, "window \(window)")
            for (index, token) in reading.tokens.enumerated() {
                var ways = ways
                ways.token = token
                let rest = try read(bytes, dialect(encoding), ways)
                #expect(rest.failure == nil)
                #expect(rest.batches == Array(whole.batches[(index + 1)...]))
                #expect(rest.tokens == Array(reading.tokens[(index + 1)...]))
            }
        }
    }

    @Test func `what an encoding has no character for spoils its row`() throws {
        let unassigned = encoded("a,b\n1,x\n2,", .windows1252) + [0x81] + encoded("\n3,y\n", .windows1252)
        let reading = try read(unassigned, dialect(.windows1252))
        #expect(reading.values == [["1", "x"], ["3", "y"]])
        #expect(reading.faults.map(\.line) == [3])
        #expect(reading.faults.first?.fault?.code == "not_in_encoding")
        #expect(reading.faults.first?.fault?.field == "b")
        let half: [UInt8] =
            encoded("a,b\n1,", .utf16BE) + [0xD8, 0x3D] + encoded("\n", .utf16BE)
            + encoded("2,", .utf16BE) + [0xDC, 0x00] + encoded("\n3,z", .utf16BE) + [0xD8, 0x00]
        let broken = try read(half, dialect(.utf16BE))
        #expect(broken.faults.map(\.line) == [2, 3, 4])
        #expect(Set(broken.faults.map { $0.fault?.code }) == ["not_in_encoding"])
        let odd = try read(encoded("a,b\n1,2", .utf16LE) + [0x33], dialect(.utf16LE))
        #expect(odd.faults.map { $0.fault?.code } == ["not_in_encoding"])
    }

    @Test func `marks tell the encoding, and contradict a told one`() throws {
        for encoding in [TextEncoding.utf8, .utf16LE, .utf16BE] {
            let marked = encoded("\u{FEFF}a,b\n1,é\n", encoding)
            let reading = try read(marked, Dialect())
            #expect(reading.columns == ["a", "b"] && reading.values == [["1", "é"]])
            #expect(reading.found["encoding_by"] == "mark")
            #expect(try read(marked, dialect(encoding)).values == [["1", "é"]])
            let other: TextEncoding = encoding == .utf16LE ? .utf16BE : .utf16LE
            #expect(try read(marked, dialect(other)).failure?.code == "encoding_differs")
        }
        #expect(try read([0xEF, 0xBB, 0xBF, 0x61], dialect(.windows1252)).failure?.code == "encoding_differs")
    }

    /// Long enough to be a text, short enough to be a small file.
    @Test func `encodings without a mark are found by how the text looks`() throws {
        func found(_ text: String, _ encoding: TextEncoding) throws -> [String?] {
            let found = try read(encoded(text, encoding), Dialect()).found
            return [found["encoding"], found["encoding_by"]]
        }
        #expect(try found(Self.latin, .windows1252) == ["windows-1252", "guess"])
        #expect(
            try found("name,price\nRenée Šimon,5€\n“O’Neil”,3\nM.ª José,4\n", .windows1252) == [
                "windows-1252", "guess",
            ]
        )
        #expect(try found(Self.arabic, .windows1256) == ["windows-1256", "guess"])
        #expect(try found(Self.arabic, .iso88596) == ["iso-8859-6", "guess"])
        #expect(try found("id,name\n1,نورة\n2,خالد\n", .windows1256) == ["windows-1256", "guess"])
        #expect(try found("id,name\n1,نورة\n2,خالد\n", .iso88596) == ["iso-8859-6", "guess"])
        #expect(try found(Self.latin + Self.arabic, .utf8) == ["utf-8", "bytes"])
        #expect(try found("id,name\n1,Ada\n", .utf16LE) == ["utf-16le", "bytes"])
        #expect(try found(Self.arabic, .utf16BE) == ["utf-16be", "bytes"])
        #expect(try found("a,b\n1,2\n", .utf8) == ["utf-8", "bytes"])
    }

    /// A text as glibc writes it; nil where it lacks a character. iconv(3).
    private func bytes(of text: String, as name: String) -> [UInt8]? {
        let descriptor = unsafe iconv_open(name, "UTF-8")
        defer { unsafe iconv_close(descriptor) }
        var source = text.utf8.map { CChar(bitPattern: $0) }
        var target = [CChar](repeating: 0, count: source.count + 1)
        var (left, room) = (source.count, target.count)
        let failed = unsafe source.withUnsafeMutableBufferPointer { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                var (from, to) = (source.baseAddress, target.baseAddress)
                return unsafe iconv(descriptor, &from, &left, &to, &room) == -1
            }
        }
        return failed || left > 0 ? nil : target.dropLast(room).map { UInt8(bitPattern: $0) }
    }

    private enum Outcome {
        case found, asked, wrong
    }

    private func outcome(_ words: ArraySlice<Substring>, as name: String) throws -> Outcome? {
        let text = "id,name\n" + words.enumerated().map { "\($0),\($1)\n" }.joined()
        guard let bytes = bytes(of: text, as: name) else { return nil }
        let reading = try read(bytes, Dialect())
        if reading.failure?.code == "encoding_unknown" { return .asked }
        return reading.values.map { $0.last } == words.map { String($0) } ? .found : .wrong
    }

    /// A language's words as files of one, three, ten and all of them.
    private func outcomes(_ words: String, as name: String) throws -> [Int: [Outcome: Int]] {
        let words = words.split { $0 == " " || $0 == "\n" }
        var outcomes: [Int: [Outcome: Int]] = [:]
        for size in [1, 3, 10, words.count] where size <= words.count {
            for first in stride(from: 0, through: words.count - size, by: size) {
                guard let outcome = try outcome(words[first..<first + size], as: name) else { continue }
                outcomes[size, default: [:]][outcome, default: 0] += 1
            }
        }
        return outcomes
    }

    /// Of twenty names at least Windows-1252 is found, of fewer perhaps; none is read wrong.
    @Test func `names of western languages are found, or asked about`() throws {
        for (language, words) in Names.western {
            let outcomes = try outcomes(words, as: "CP1252")
            #expect(outcomes.values.allSatisfy { $0[.wrong] == nil }, "\(language) \(outcomes)")
            let most = try #require(outcomes.keys.max())
            #expect(outcomes[most] == [.found: 1], "\(language) \(outcomes)")
            for (name, page) in [("MACINTOSH", "an old Mac's"), ("CP850", "DOS's")] {
                let outcomes = try self.outcomes(words, as: name)
                #expect(outcomes.values.allSatisfy { $0[.wrong] == nil }, "\(language) in \(page): \(outcomes)")
            }
        }
    }

    @Test(arguments: [
        ("Turkish", ["CP1254", "CP857"]), ("Polish", ["CP1250", "ISO-8859-2", "CP852"]),
        ("Czech", ["CP1250", "ISO-8859-2", "CP852"]), ("Hungarian", ["CP1250", "ISO-8859-2", "CP852"]),
        ("Romanian", ["ISO-8859-16"]), ("Croatian", ["CP1250", "ISO-8859-2", "CP852"]), ("Latvian", ["CP1257"]),
        ("Lithuanian", ["CP1257"]),
    ])
    func `names in encodings that are not on the list are asked about, never read wrong`(
        language: String,
        encodings: [String]
    ) throws {
        let words = try #require(Names.others.first { $0.language == language }?.words)
        for encoding in encodings {
            let outcomes = try outcomes(words, as: encoding)
            #expect(outcomes.values.allSatisfy { $0[.wrong] == nil }, "\(language) in \(encoding): \(outcomes)")
            let most = try #require(outcomes.keys.max())
            #expect(outcomes[most] == [.asked: 1], "\(language) in \(encoding): \(outcomes)")
        }
    }

    @Test func `bytes that say nothing are asked about`() throws {
        // "Имя,Город" and more in Windows-1251, which is not on the list.
        let cyrillic: [UInt8] = [
            0xC8, 0xEC, 0xFF, 0x2C, 0xC3, 0xEE, 0xF0, 0xEE, 0xE4, 0x0A, 0xC8, 0xE2, 0xE0, 0xED, 0x2C, 0xCC, 0xEE, 0xF1,
            0xEA, 0xE2, 0xE0, 0x0A,
        ]
        let failure = try read(cyrillic, Dialect()).failure
        #expect(failure?.code == "encoding_unknown" && failure?.pointer == "/encoding")
        #expect(failure?.message.contains("windows-1256") == true)
    }

    @Test func `a character behind a long start of ASCII is still looked at`() throws {
        let text = "id,name\n" + String(repeating: "1,plain text of a row\n", count: 5000) + "2,Müller\n"
        #expect(text.utf8.count > 65536)
        let reading = try read(encoded(text, .windows1252), Dialect())
        #expect(reading.found["encoding"] == "windows-1252" && reading.values.last == ["2", "Müller"])
        let broken = try read(Array(text.utf8) + [0x33, 0x2C, 0xFF, 0x0A], Dialect())
        #expect(broken.found["encoding"] == "utf-8" && broken.faults.map { $0.fault?.code } == ["not_utf8"])
    }
}
