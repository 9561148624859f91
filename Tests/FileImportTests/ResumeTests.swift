import ConnectorKit
import ConnectorKitSupport
import FileImport
import Testing

@Suite struct `Going on after a token` {
    /// Rows with everything that moves lines and offsets apart, and some that are spoiled.
    private let text: String = {
        var text = "\u{FEFF}id,text\r\n"
        for number in 0..<90 {
            switch number % 6 {
            case 0: text += "\(number),plain\r\n"
            case 1: text += "\(number),\"two\nlines \"\"quoted\"\"\"\n"
            case 2: text += "\n\(number),é\r"
            case 3: text += "\(number)\n"
            case 4: text += "\(number),\"closed\"badly\r\n"
            default: text += "\(number),\(String(repeating: "long ", count: number % 40))\r\n"
            }
        }
        return text
    }()

    @Test(arguments: [1, 7, 64]) func `goes on at every batch as if nothing had happened`(batchRows: Int) throws {
        let whole = try read(text.utf8, .plain, Ways(batchRows: batchRows))
        #expect(whole.isComplete && whole.read == 90)
        for (index, token) in whole.tokens.enumerated() {
            let rest = try read(text.utf8, .plain, Ways(batchRows: batchRows, token: token))
            #expect(rest.batches == Array(whole.batches[(index + 1)...]))
            #expect(rest.tokens == Array(whole.tokens[(index + 1)...]))
            #expect(rest.isComplete && rest.read == rest.rows.count)
        }
    }

    @Test func `a carriage return and its line feed are never parted by a batch`() throws {
        for batchRows in 1...3 {
            let whole = try read("a,b\r\n1,2\r\n3,4\r\n5,6\r\n".utf8, .plain, Ways(batchRows: batchRows))
            #expect(whole.rows.map(\.line) == [2, 3, 4])
        }
    }

    private func failure(
        _ bytes: [UInt8],
        _ token: [UInt8],
        _ dialect: Dialect = .plain
    ) throws -> ConnectorFailure? {
        let reading = try read(bytes, dialect, Ways(token: token))
        #expect(reading.rows.isEmpty)
        return reading.failure
    }

    @Test func `a changed file loses its state`() throws {
        let bytes = Array(text.utf8)
        let token = try #require(try read(bytes, .plain, Ways(batchRows: 30)).tokens.first)
        func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
            var changed = bytes
            change(&changed)
            return changed
        }
        let cases: [[UInt8]] = [
            changed { $0.append(UInt8(ascii: "\n")) },
            changed { $0.removeLast() },
            changed { $0[20] ^= 1 },
            changed { $0[3] = UInt8(ascii: "x") },
            Array("id,text\n".utf8),
        ]
        for bytes in cases {
            let failure = try failure(bytes, token)
            #expect(failure?.failureClass == .stateLost)
            #expect(failure?.code == "file_differs")
        }
        var dialect = Dialect.plain
        dialect.hasHeader = false
        #expect(try failure(bytes, token, dialect)?.failureClass == .stateLost)
    }

    @Test func `a file written to since loses its state, though its size is the same`() throws {
        let host = TestHost()
        let descriptor = host.handIn(text.utf8, as: "people.csv")
        let token = try #require(try read(descriptor, of: host, .plain, Ways(batchRows: 30)).tokens.first)
        #expect(try read(descriptor, of: host, .plain, Ways(token: token)).failure == nil)
        host.setModified(descriptor, seconds: 1)
        #expect(try read(descriptor, of: host, .plain, Ways(token: token)).failure?.code == "file_differs")
    }

    @Test func `a change right before the place is noticed behind the hashed start`() throws {
        var bytes = Array(("a,b\n" + String(repeating: "1,xxxxxxxxxxxx\n", count: 20_000)).utf8)
        let token = try #require(try read(bytes, .plain, Ways(batchRows: 10_000)).tokens.first)
        #expect(try read(bytes, .plain, Ways(token: token)).read == 10_000)
        bytes[4 + 10_000 * 15 - 100] ^= 1
        #expect(try failure(bytes, token)?.failureClass == .stateLost)
    }

    @Test(
        arguments: [
            "", "x", "{}", "[1]", "{\"v\":2}", "{\"v\":1,\"offset\":-1}",
            #"{"v":1,"offset":4,"line":0,"columns":2,"header":"0","size":10,"modified":0,"start":"0","before":"0"}"#,
            #"{"v":1,"offset":9999999999,"line":1,"columns":2,"header":"0","size":10,"modified":0,"start":"0","before":"0"}"#,
        ])
    func `a token of another making loses its state`(token: String) throws {
        #expect(try failure(Array("a,b\n1,2\n".utf8), Array(token.utf8))?.failureClass == .stateLost)
    }
}
