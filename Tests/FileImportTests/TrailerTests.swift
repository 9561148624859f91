import ConnectorKit
import FileImport
import Testing

@Suite struct `A trailer row` {
    private static let dialect: Dialect = {
        var dialect = Dialect.plain
        dialect.trailer = Trailer(word: "TRL")
        return dialect
    }()

    private static let sheet: SheetOptions = {
        var options = SheetOptions()
        options.trailer = Trailer(word: "TRL")
        return options
    }()

    @Test(
        arguments: [
            "TRL,2", "TRL,2\n", "TRL,2,,,\n\n", "\"TRL\",\"000002\"\r\n", "TRL   , 2 \n", "TRL,2,2026-11-30\n",
            "\n\nTRL,2\n\n\n",
        ]
    )
    func `is no record, and declares how many there are`(trailer: String) throws {
        for strict in [true, false] {
            var dialect = Self.dialect
            dialect.isStrict = strict
            let reading = try read("id,name,mail\n1,Ann,a@b\n2,Bob,b@b\n\(trailer)".utf8, dialect)
            #expect(reading.values == [["1", "Ann", "a@b"], ["2", "Bob", "b@b"]])
            #expect(reading.faults.isEmpty && reading.failure == nil && reading.isComplete)
            #expect(reading.declared == 2 && reading.read == 2)
            #expect(reading.found["declared_by"] == "trailer")
            #expect(reading.warnings.isEmpty, "\(reading.warnings)")
        }
    }

    @Test func `that is not there ends the reading: the file was cut`() throws {
        let reading = try read("id,name\n1,Ann\n2,Bob\n".utf8, Self.dialect)
        #expect(reading.values.count == 2)
        #expect(reading.failure?.code == "trailer_missing" && !reading.isComplete)
    }

    @Test func `must be the last`() throws {
        for rest in ["3,Cid\n", "TRL,2\n", "\n\n3,Cid", "   \n"] {
            let reading = try read("id,name\n1,Ann\nTRL,1\n\(rest)".utf8, Self.dialect)
            #expect(reading.failure?.code == "trailer_not_last", "\(rest)")
            #expect(reading.failure?.message.contains("line 3") == true)
        }
    }

    @Test(arguments: ["TRL", "TRL,", "TRL,two", "TRL,-1", "TRL,1.5", "TRL,99999999999999999999"])
    func `must declare a number`(trailer: String) throws {
        #expect(try read("id,name\n1,Ann\n\(trailer)\n".utf8, Self.dialect).failure?.code == "trailer_broken")
    }

    @Test func `is seen again by whoever goes on from any token, in windows and batches of any size`() throws {
        let rows = (1...40).map { "\($0),\"a \"\"name\"\"\nof two lines\"\n" }.joined()
        let file = Array("id,name\n\(rows)\n\"TRL\",40\n".utf8)
        for windowBytes in [32, 64, 1_000] {
            let whole = try read(file, Self.dialect, Ways(windowBytes: windowBytes, batchRows: 7))
            #expect(whole.declared == 40 && whole.rows.count == 40 && whole.failure == nil)
            for (index, token) in whole.tokens.enumerated() {
                let rest = try read(file, Self.dialect, Ways(windowBytes: windowBytes, batchRows: 7, token: token))
                #expect(rest.failure == nil && rest.declared == 40 && rest.isComplete)
                #expect(rest.rows == Array(whole.batches[(index + 1)...].joined()))
            }
        }
    }

    @Test func `is not looked for in a preview`() throws {
        let reading = try read("id,name\n1,Ann\n2,Bob\n".utf8, Self.dialect, Ways(limit: 1))
        #expect(reading.failure == nil && reading.rows.count == 1 && !reading.isComplete)
    }

    @Test func `ends a sheet as well`() throws {
        func book(_ rows: [[String]]) -> [UInt8] {
            WorkbookMaker.sheet(WorkbookMaker.rows(rows)).archive()
        }
        let people = [["id", "name"], ["1", "Ann"], ["2", "Bob"]]
        let good = book(people + [["TRL", "2"]])
        let reading = try readSheet(good, Self.sheet, ways: Ways(batchRows: 1))
        #expect(reading.values == [["1", "Ann"], ["2", "Bob"]])
        #expect(reading.declared == 2 && reading.isComplete && reading.failure == nil)
        for (index, token) in reading.tokens.enumerated() {
            let rest = try readSheet(good, Self.sheet, ways: Ways(token: token))
            #expect(
                rest.values.count == 1 - index && rest.declared == 2 && rest.isComplete,
                "\(String(describing: rest.failure))"
            )
        }
        #expect(try readSheet(book(people), Self.sheet).failure?.code == "trailer_missing")
        #expect(
            try readSheet(book(people + [["TRL", "2"], ["3", "Cid"]]), Self.sheet).failure?.code
                == "trailer_not_last"
        )
        #expect(try readSheet(book(people + [["TRL", ""]]), Self.sheet).failure?.code == "trailer_broken")
    }
}
