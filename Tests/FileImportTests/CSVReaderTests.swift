import ConnectorKit
import ConnectorKitSupport
import FileImport
import Glibc
import Testing

@Suite struct `CSV rows` {
    @Test func `rows come with their lines and values`() throws {
        let reading = try read("id,name\n1,Ada\n2,\"Grace \"\"G\"\" Hopper\"\n3,\n".utf8)
        #expect(reading.columns == ["id", "name"])
        #expect(
            reading.rows == [
                Row(line: 2, values: ["1", "Ada"]), Row(line: 3, values: ["2", "Grace \"G\" Hopper"]),
                Row(line: 4, values: ["3", ""]),
            ]
        )
        #expect(reading.isComplete && reading.read == 3 && reading.failure == nil && reading.warnings.isEmpty)
    }

    @Test func `line ends inside quotes are data and count as lines`() throws {
        let reading = try read("a,b\r\n\"x\r\ny\nz\rw\",1\r\n\"\r\n\r\n\",2\r\nc,3".utf8)
        #expect(reading.values == [["x\r\ny\nz\rw", "1"], ["\r\n\r\n", "2"], ["c", "3"]])
        #expect(reading.rows.map(\.line) == [2, 6, 9])
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func `every line end ends a row`(end: String) throws {
        let reading = try read("a,b\(end)1,2\(end)\(end)\"3\",4\(end)5,6".utf8)
        #expect(reading.values == [["1", "2"], ["3", "4"], ["5", "6"]])
        #expect(reading.rows.map(\.line) == [2, 4, 5])
    }

    @Test(arguments: ["a,b\n1,2\n", "\"a\",b\n1,2\n", "\n\n a,b\n1,2\n"])
    func `a byte order mark is no part of the header`(text: String) throws {
        let marked = try read([0xEF, 0xBB, 0xBF] + Array(text.utf8))
        let plain = try read(text.utf8)
        #expect(marked.columns == plain.columns)
        #expect(marked.rows == plain.rows)
        #expect(plain.columns.count == 2 && plain.rows.count == 1)
    }

    @Test func `a quote inside a plain field is data`() throws {
        #expect(
            try read("a,b\n5\" pipe,6\" x 4\"\"\n1, \"x\"\n".utf8).values == [
                ["5\" pipe", "6\" x 4\"\""], ["1", " \"x\""],
            ]
        )
    }

    @Test func `blank lines are no rows, lines of spaces are`() throws {
        let reading = try read("\n\na,b\n\n1,2\n   \n\n\r\n3,4\n\n".utf8)
        #expect(reading.values == [["1", "2"], ["3", "4"]])
        #expect(reading.faults.map(\.line) == [6])
        #expect(reading.warnings.isEmpty)
    }

    @Test func `blank lines between values of one column are skipped with a warning`() throws {
        let reading = try read("a\n1\n\n3\n\"\"\n".utf8)
        #expect(reading.values == [["1"], ["3"], [""]])
        #expect(reading.warnings.count == 1)
        #expect(reading.warnings.first?.hasPrefix("1 blank line was skipped") == true)
    }

    @Test func `names are made unique and never empty`() throws {
        #expect(
            try read("a,a,,a_2,b,a,\n1,2,3,4,5,6,7\n".utf8).columns == [
                "a", "a_3", "column_3", "a_2", "b", "a_4", "column_7",
            ]
        )
        #expect(try read("column_2,,column_2\n1,2,3\n".utf8).columns == ["column_2", "column_2_2", "column_2_3"])
    }

    @Test func `without a header the first row is data`() throws {
        var dialect = Dialect.plain
        dialect.hasHeader = false
        let reading = try read([0xEF, 0xBB, 0xBF] + Array("\n1,Ada\n2,Grace\n".utf8), dialect)
        #expect(reading.columns == ["column_1", "column_2"])
        #expect(reading.rows == [Row(line: 2, values: ["1", "Ada"]), Row(line: 3, values: ["2", "Grace"])])
    }

    @Test(arguments: [UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"), 0x1F])
    func `another delimiter leaves commas alone`(delimiter: UInt8) throws {
        var dialect = Dialect.plain
        dialect.delimiter = delimiter
        let mark = String(UnicodeScalar(delimiter))
        let reading = try read("a\(mark)b\n1,5\(mark)\"x\(mark)y\"\n".utf8, dialect)
        #expect(reading.columns == ["a", "b"])
        #expect(reading.values == [["1,5", "x\(mark)y"]])
    }

    @Test func `a limit ends the reading, and the summary does not claim the rest`() throws {
        let text = "a\n1\n2\n3\n4\n5\n"
        var ways = Ways(batchRows: 2, limit: 3)
        let reading = try read(text.utf8, .plain, ways)
        #expect(reading.batches.map(\.count) == [2, 1])
        #expect(!reading.isComplete && reading.read == 3)
        ways = Ways(token: reading.tokens.last)
        #expect(try read(text.utf8, .plain, ways).values == [["4"], ["5"]])
    }

    @Test func `a batch ends with its rows or with four mebibytes`() throws {
        let value = String(repeating: "x", count: 1000)
        let text = "a,b\n" + String(repeating: "1,\(value)\n", count: 10_000)
        let reading = try read(text.utf8)
        // 1,003 bytes a row: the 4,182nd reaches 4 MiB.
        #expect(reading.batches.map(\.count) == [4182, 4182, 1636])
        #expect(try read(text.utf8, .plain, Ways(batchRows: 4000)).batches.map(\.count) == [4000, 4000, 2000])
    }

    @Test func `more blank lines than a batch holds bytes do not end the reading`() throws {
        let blank = String(repeating: "\n", count: BatchCourse.batchBytes + 10)
        let reading = try read("a,b\n1,2\n\(blank)3,4\n".utf8)
        #expect(reading.values == [["1", "2"], ["3", "4"]])
        #expect(reading.isComplete)
    }
}

@Suite struct `CSV spoiled rows` {
    @Test func `a wrong number of fields names both numbers and keeps the row's bytes`() throws {
        let reading = try read("id,name,mail\n1,Ada\n2,Grace,g@x.org\n3,a,b,c\n\"4\"\n".utf8)
        #expect(reading.values == [["2", "Grace", "g@x.org"]])
        #expect(reading.faults.map(\.line) == [2, 4, 5])
        #expect(reading.faults.compactMap(\.fault?.code) == ["too_few_fields", "too_many_fields", "too_few_fields"])
        #expect(
            reading.faults.compactMap(\.fault?.message) == [
                "The row has 2 fields, expected are 3; check its delimiters and quotes.",
                "The row has 4 fields, expected are 3; check its delimiters and quotes.",
                "The row has 1 field, expected are 3; check its delimiters and quotes.",
            ]
        )
        #expect(reading.faults.compactMap(\.fault?.raw) == ["1,Ada", "3,a,b,c", "\"4\""].map { Array($0.utf8) })
        #expect(reading.isComplete && reading.read == 4)
    }

    @Test func `text after a closing quote spoils its row only`() throws {
        let reading = try read("a,b\n\"x\"y,z\n\"p\" ,q\n\"say \\\"hi\\\"\",1\n1,2\n".utf8)
        #expect(reading.values == [["1", "2"]])
        #expect(reading.faults.map(\.line) == [2, 3, 4])
        #expect(Set(reading.faults.compactMap(\.fault?.code)) == ["text_after_quote"])
        #expect(reading.faults.compactMap(\.fault?.field) == ["a", "a", "a"])
        #expect(reading.faults.first?.fault?.message.contains("column a on line 2") == true)
        #expect(reading.faults.first?.fault?.raw == Array("\"x\"y,z".utf8))
    }

    @Test func `bytes that are not UTF-8 spoil their row and name the column`() throws {
        let bytes: [UInt8] =
            Array("id,name\n1,Jos".utf8) + [0xE9] + Array("\n2,ok\n".utf8) + [0xFF] + Array(",x\n3,é".utf8)
        let reading = try read(bytes)
        #expect(reading.values == [["2", "ok"], ["3", "é"]])
        #expect(reading.faults.map(\.line) == [2, 4])
        #expect(reading.faults.compactMap(\.fault?.field) == ["name", "id"])
        #expect(Set(reading.faults.compactMap(\.fault?.code)) == ["not_utf8"])
    }

    @Test func `a zero byte after the file's start spoils its row`() throws {
        let filler = String(repeating: "1,ok\n", count: 20_000)
        let reading = try read("a,b\n\(filler)2,x\u{0}y\n3,ok\n".utf8)
        #expect(reading.values.count == 20_001)
        #expect(reading.faults.map(\.line) == [20_002])
        #expect(reading.faults.first?.fault?.code == "nul_byte")
        #expect(reading.faults.first?.fault?.field == "b")
    }

    @Test func `the bytes of a very long spoiled row are cut`() throws {
        let reading = try read("a,b\n\(String(repeating: "x", count: 200_000))\n1,2\n".utf8)
        #expect(reading.faults.first?.fault?.raw.count == BatchCourse.rawBytes)
        #expect(reading.values == [["1", "2"]])
    }
}

@Suite struct `CSV files that can't be read` {
    private func failure(_ bytes: some Collection<UInt8>, _ dialect: Dialect = .plain) throws -> ConnectorFailure? {
        try read(bytes, dialect).failure
    }

    @Test func `an unclosed quote names its line, after the rows before it`() throws {
        let reading = try read("a,b\n1,x\n\"2\n2\",\"open\n3,row\n".utf8)
        #expect(reading.values == [["1", "x"]])
        #expect(reading.failure?.code == "unclosed_quote")
        #expect(reading.failure?.failureClass == .data)
        #expect(reading.failure?.message.contains("people.csv on line 4 is never closed") == true)
        #expect(!reading.isComplete)
    }

    @Test func `an unclosed quote in the header is refused`() throws {
        #expect(try failure("a,\"b\n1,2\n".utf8)?.code == "unclosed_quote")
    }

    @Test func `a quote closed much later spoils the rows it swallowed, and says where it was`() throws {
        let reading = try read("a,b\n1,x\n2,\"open\n3,row\n4,\"y\"\n5,z\n".utf8)
        #expect(reading.values == [["1", "x"], ["5", "z"]])
        #expect(reading.faults.map(\.line) == [3])
        #expect(reading.faults.first?.fault?.raw == Array("2,\"open\n3,row\n4,\"y\"".utf8))
    }

    @Test(arguments: [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]]) func `an empty file says so`(bytes: [UInt8]) throws {
        #expect(try failure(bytes)?.code == "file_empty")
        #expect(try failure(bytes)?.failureClass == .data)
    }

    @Test(arguments: ["\n", "\r\n\r\n", "\r"]) func `blank lines alone are no header`(text: String) throws {
        #expect(try failure(text.utf8)?.code == "header_missing")
    }

    @Test(
        arguments: [
            ([0x50, 0x4B, 0x03, 0x04, 0x14], "Excel workbook"), (Array("%PDF-1.7".utf8), "PDF"),
            ([0x1F, 0x8B, 0x08], "gzip"),
            (Array("a,b\n1,\u{0}\n".utf8), "zero byte at offset 6"),
            ([0x7F, 0x45, 0x4C, 0x46, 0x02, 0x01, 0x01, 0x00], "binary"),
        ] as [([UInt8], String)]
    )
    func `a file that is no text says what it is`(bytes: [UInt8], kind: String) throws {
        let failure = try failure(bytes)
        #expect(failure?.code == "not_text")
        #expect(failure?.message.contains(kind) == true)
    }

    @Test func `a header that can't be read or that takes our names is refused`() throws {
        #expect(try failure("\"a\"x,b\n1,2\n".utf8)?.code == "header_broken")
        #expect(try failure([0x61, 0xFF, 0x0A, 0x31, 0x0A])?.code == "header_broken")
        #expect(try failure("a,_tf_error\n1,2\n".utf8)?.code == "header_reserved")
        #expect(try failure(Array(repeating: UInt8(ascii: ","), count: 5000))?.code == "too_many_columns")
    }

    @Test func `as many columns as a batch can have`() throws {
        let names = (1...4092).map { "c\($0)" }
        let reading = try read("\(names.joined(separator: ","))\n\(names.joined(separator: ","))\n1\n".utf8)
        #expect(reading.values == [names])
        #expect(reading.faults.first?.fault?.code == "too_few_fields")
    }

    @Test func `a record longer than the limit is refused wherever the window's borders are`() throws {
        var dialect = Dialect.plain
        dialect.maxRecordBytes = 2000
        let fits = String(repeating: "x", count: 1998)
        for window in [16, 1000, 4096, CSVFile.windowBytes] {
            let ways = Ways(windowBytes: window)
            let good = try read("a,b\n1,\(fits)\n".utf8, dialect, ways)
            #expect(good.values == [["1", fits]])
            let long = try read("a,b\n1,2\n3,\"\(fits)\"\n4,5\n".utf8, dialect, ways)
            #expect(long.values == [["1", "2"]])
            #expect(long.failure?.code == "record_too_large")
            #expect(long.failure?.pointer == "/max_record_bytes")
            #expect(
                long.failure?.message.contains("The record on line 3 of people.csv is longer than 2000 bytes") == true
            )
        }
    }

    @Test func `an open quote that swallows too much says where it opened`() throws {
        var dialect = Dialect.plain
        dialect.maxRecordBytes = 2000
        let failure = try failure("a,b\n1,\"open\n\(String(repeating: "2,x\n", count: 1000))".utf8, dialect)
        #expect(failure?.code == "record_too_large")
        #expect(failure?.message.contains("A quote that opens on line 2 may never be closed.") == true)
    }

    @Test func `a line without end takes no more memory than a record may have`() throws {
        let host = TestHost()
        let descriptor = host.handIn(
            "a,b\n".utf8 + Array(repeating: UInt8(ascii: "x"), count: 70_000),
            as: "people.csv"
        )
        // A gibibyte of zero bytes behind, which takes no room on the disk.
        #expect(ftruncate(descriptor, 1 << 30) == 0)
        var dialect = Dialect.plain
        #expect(dialect.maxRecordBytes == 16 * 1024 * 1024)
        dialect.maxRecordBytes = 1024 * 1024
        let reading = try read(descriptor, of: host, dialect)
        #expect(reading.failure?.code == "record_too_large")
        #expect(reading.failure?.message.contains("longer than 1048576 bytes") == true)
    }

    @Test func `a folder is no file`() throws {
        let folder = unsafe open("/", O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        let reading = try read(folder, of: TestHost())
        #expect(reading.failure?.code == "not_a_file")
    }

    @Test func `a descriptor that can't be read says why`() throws {
        let reading = try read(-1, of: TestHost())
        #expect(reading.failure?.code == "file_unreadable")
        #expect(reading.failure?.failureClass == .unavailable)
        #expect(reading.failure?.vendorCode == Int64(EBADF))
    }
}

@Suite struct `CSV files that change` {
    private let text = "a,b\n" + (1...20).map { "\($0),x\n" }.joined()

    private func changing(_ change: (CInt) throws -> Void) throws -> Reading {
        let host = TestHost()
        let descriptor = host.handIn(text.utf8, as: "people.csv")
        var isFirst = true
        // A small window, so that the file is still being read.
        let ways = Ways(windowBytes: 32, batchRows: 5)
        return try read(descriptor, of: host, .plain, ways) {
            if isFirst { try change(descriptor) }
            isFirst = false
        }
    }

    @Test func `growing, shrinking and rewriting are noticed`() throws {
        let grown = try changing { #expect(unsafe pwrite($0, "21,x\n", 5, off_t(text.utf8.count)) == 5) }
        let shrunk = try changing { #expect(ftruncate($0, 60) == 0) }
        let touched = try changing { descriptor in
            var times = (timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0))
            #expect(
                unsafe withUnsafePointer(to: &times) {
                    unsafe $0.withMemoryRebound(to: timespec.self, capacity: 2) { unsafe futimens(descriptor, $0) }
                } == 0
            )
        }
        for reading in [grown, shrunk, touched] {
            #expect(reading.failure?.code == "file_changed")
            #expect(reading.failure?.failureClass == .conflict)
            #expect(!reading.isComplete)
        }
        #expect(try changing { _ in }.isComplete)
    }
}
