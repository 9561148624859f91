import ConnectorKit
import FileImport
import Testing

@Suite struct `CSV dialects, found` {
    private func delimiter(_ text: String) throws -> String? {
        try read(text.utf8, Dialect()).found["delimiter"]
    }

    @Test func `the delimiter is the one that parts the first records evenly`() throws {
        #expect(try delimiter("a;b\n1;2,5\n2;3,5\n") == ";")
        #expect(try delimiter("a\tb\n1,2\t3\n") == "\t")
        #expect(try delimiter("one|two,two|three\n1|5,5|6\n") == "|")
        #expect(try delimiter("\"a,1,1\";b;\"c\"\n1;2;3\n") == ";")
        #expect(try delimiter("\"x;\"\"y;z\",b\n1,2\n") == ",")
        #expect(try delimiter("Name, first;Age\nAda, A;36\nBob;12\n") == ";")
        #expect(try delimiter("a;b") == ";")
        // Ragged, but nothing else parts the header.
        #expect(try delimiter("a;b;c\n1;2\n3\n4;5;6;7\n") == ";")
    }

    @Test func `one column has no delimiter, and is said to have none`() throws {
        let reading = try read("name\nDoe, John\nRoe, Jane\n".utf8, Dialect())
        #expect(reading.found["delimiter_by"] == "none")
        #expect(reading.faults.count == 2)
        #expect(try read("name\nAda\n".utf8, Dialect()).values == [["Ada"]])
    }

    @Test func `a told delimiter wins`() throws {
        var dialect = Dialect()
        dialect.delimiter = UInt8(ascii: ",")
        #expect(try read("a;b\n1;2\n".utf8, dialect).columns == ["a;b"])
        #expect(try read("sep=;\na,b\n1,2\n".utf8, dialect).rows == [Row(line: 3, values: ["1", "2"])])
    }

    @Test func `a first line that names the delimiter is taken and skipped, in any encoding`() throws {
        for end in ["\n", "\r\n", "\r"] {
            for bytes in [Array("sep=:\(end)a:b\(end)1:2".utf8), encoded("\u{FEFF}sep=:\(end)a:b\(end)1:2", .utf16LE)] {
                let reading = try read(bytes, Dialect())
                #expect(reading.columns == ["a", "b"])
                #expect(reading.rows == [Row(line: 3, values: ["1", "2"])])
                #expect(reading.found["delimiter_by"] == "hint")
            }
        }
        #expect(try read("sep=xy,b\n1,2\n".utf8, Dialect()).columns == ["sep=xy", "b"])
    }

    @Test func `another quote, and none`() throws {
        var dialect = Dialect.plain
        dialect.quote = UInt8(ascii: "'")
        #expect(
            try read("a,b\n'it''s','x,\ny'\n\"p\",q\n".utf8, dialect).values == [["it's", "x,\ny"], ["\"p\"", "q"]]
        )
        dialect.quote = nil
        #expect(try read("a,b\n\"x,y\"\n\",'\n".utf8, dialect).values == [["\"x", "y\""], ["\"", "'"]])
    }

    @Test func `a header that looks like data is kept and warned of`() throws {
        for first in ["1,Ada", "x,ada@example.org", "x,2024-01-31"] {
            let reading = try read("\(first)\n2,Bob\n".utf8, Dialect())
            #expect(reading.values == [["2", "Bob"]])
            #expect(reading.warnings.contains { $0.contains("looks like data") })
        }
        #expect(try read("id,name\n1,x\n".utf8, Dialect()).warnings == [])
        var dialect = Dialect()
        dialect.hasHeader = true
        #expect(try read("1,Ada\n2,Bob\n".utf8, dialect).warnings == [])
    }
}

@Suite struct `CSV leniencies` {
    private let lenient: Dialect = {
        var dialect = Dialect.plain
        dialect.isStrict = false
        return dialect
    }()

    private func lenient(_ text: String, windowBytes: Int = CSVFile.windowBytes) throws -> Reading {
        try read(text.utf8, lenient, Ways(windowBytes: windowBytes))
    }

    private let text = "a,b,c\n1,2\n3,4,5,,\n6,7,8,9\n\"x\" ,\"y\"z,\"p\"\"q\" \"r\"\n \t\n\"only\"\n1,2,3\n"

    @Test func `each is counted and named in a warning`() throws {
        let reading = try lenient(text)
        #expect(
            reading.values == [["1", "2"], ["3", "4", "5"], ["x", "yz", "p\"q \"r\""], ["only"], ["1", "2", "3"]]
        )
        #expect(reading.faults.map { $0.fault?.code } == ["too_many_fields"])
        #expect(
            reading.warnings == [
                "strict is false: 2 rows have too few fields; the missing ones say nothing.",
                "strict is false: 1 row has surplus fields, all empty; they are dropped.",
                "strict is false: 1 value has spaces after its closing quote; they are dropped.",
                "strict is false: 2 values have text after their closing quotes; it is kept as part of the value.",
                "strict is false: 1 line of spaces is skipped.",
            ]
        )
    }

    @Test(arguments: 1...60) func `are counted once, whatever the window`(windowBytes: Int) throws {
        #expect(try lenient(text, windowBytes: windowBytes) == lenient(text))
    }

    @Test func `strictly, all these rows are spoiled`() throws {
        let reading = try read(text.utf8)
        #expect(reading.values == [["1", "2", "3"]])
        #expect(
            reading.faults.map { $0.fault?.code } == [
                "too_few_fields", "too_many_fields", "too_many_fields", "text_after_quote", "too_few_fields",
                "too_few_fields",
            ]
        )
        #expect(reading.warnings == [])
    }

    @Test func `a quote that is never closed is refused all the same`() throws {
        #expect(try lenient("a,b\n1,\"open\n2,x\n").failure?.code == "unclosed_quote")
    }

    @Test func `text after a quote in the header counts too`() throws {
        let reading = try lenient("\"a\"x,b\n1,2\n")
        #expect(reading.columns == ["ax", "b"])
        #expect(reading.warnings.count == 1)
    }
}
