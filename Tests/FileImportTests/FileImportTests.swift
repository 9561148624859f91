import ConnectorKit
import ConnectorKitSupport
import FileImport
import Testing

@Suite struct `The connector file` {
    private func connector(_ settings: String = "{}") throws -> FileImport {
        try FileImport(settings: Settings(json: Array(settings.utf8)))
    }

    @Test func `discover shows each file's columns with their first values`() throws {
        let host = TestHost()
        host.handIn("id,name,note\n1,,\nbad\n2,Ada,\n".utf8, as: "people.csv")
        host.handIn("code;title\nA;\"Safety\nfirst\"\n".utf8, as: "courses.csv")
        let streams = try connector().discover(host.context())
        #expect(streams.map(\.name) == ["people.csv", "courses.csv"])
        #expect(
            streams[0].fields == [
                StreamDescription.Field("id", .text, sample: "1"),
                StreamDescription.Field("name", .text, sample: "Ada"),
                StreamDescription.Field("note", .text),
            ]
        )
        #expect(streams[1].fields.map(\.name) == ["code", "title"])
        #expect(streams[1].fields.map(\.sample) == ["A", "Safety\nfirst"])
        #expect(streams.map { $0.found["delimiter"] } == [",", ";"])
        #expect(
            try connector(#"{"delimiter":","}"#).discover(host.context())[1].fields.map(\.name) == ["code;title"]
        )
    }

    @Test func `discover of a header alone has no samples`() throws {
        let host = TestHost()
        host.handIn("id,name\n".utf8, as: "people.csv")
        #expect(try connector().discover(host.context())[0].fields.map(\.sample) == [nil, nil])
    }

    @Test func `test opens every file and says what it saw`() throws {
        let host = TestHost()
        #expect(try connector().test(host.context()).steps.map(\.outcome) == [.skipped])
        host.handIn("id,name\n1,Ada\n".utf8, as: "people.csv")
        host.handIn("".utf8, as: "empty.csv")
        let report = try connector().test(host.context())
        #expect(report.steps.map(\.outcome) == [.passed, .failed])
        #expect(report.steps.map(\.name) == ["sample", "sample"])
        #expect(report.steps[0].message == "people.csv has 2 columns: id, name.")
        #expect(report.steps[1].message.hasPrefix("empty.csv is empty"))
        #expect(!report.isOK)
    }

    @Test func `pull reads the input that the stream names, or the only one`() throws {
        let host = TestHost()
        host.handIn("a\n1\n".utf8, as: "one.csv")
        host.handIn("b\n2\n".utf8, as: "two.csv")
        func columns(_ request: PullRequest) throws -> [String] {
            let schema = try connector().pull(request, host.context()).schema
            #expect(schema.locator == .line)
            return schema.fields.map(\.name) + [schema.source]
        }
        #expect(try columns(PullRequest(stream: "two.csv", inputs: ["one.csv", "two.csv"])) == ["b", "two.csv"])
        #expect(try columns(PullRequest(stream: "people", inputs: ["one.csv"])) == ["a", "one.csv"])
        #expect(try columns(PullRequest(stream: "one.csv")) == ["a", "one.csv"])
    }

    @Test func `a file that was not handed in is named`() throws {
        let host = TestHost()
        for request in [PullRequest(stream: "gone.csv"), PullRequest(stream: "x", inputs: ["gone.csv"])] {
            let failure = #expect(throws: ConnectorFailure.self) { try connector().pull(request, host.context()) }
            #expect(failure?.code == "input_missing")
            #expect(failure?.failureClass == .notFound)
            #expect(failure?.message.contains("gone.csv") == true)
        }
    }

    @Test func `a cancelled pull stops between stretches`() throws {
        let host = TestHost()
        host.handIn(("a\n" + String(repeating: "1\n", count: 100_000)).utf8, as: "people.csv")
        let reader = try connector().pull(PullRequest(stream: "people.csv", batchRows: 100), host.context())
        #expect(try reader.next()?.rows == 100)
        host.cancel()
        let failure = #expect(throws: ConnectorFailure.self) { try reader.next() }
        #expect(failure?.failureClass == .cancelled)
        #expect(!reader.summary().isComplete)
    }

    @Test(
        arguments: [
            (#"{"format":"xls"}"#, "/format"), (#"{"delimiter":""}"#, "/delimiter"),
            (#"{"delimiter":";;"}"#, "/delimiter"),
            (#"{"delimiter":"\""}"#, "/delimiter"), (#"{"delimiter":"\n"}"#, "/delimiter"),
            (#"{"delimiter":"é"}"#, "/delimiter"),
            (#"{"delimiter":1}"#, "/delimiter"), (#"{"header":"yes"}"#, "/header"),
            (#"{"quote":"''"}"#, "/quote"), (#"{"quote":"\n"}"#, "/quote"), (#"{"quote":1}"#, "/quote"),
            (#"{"quote":";","delimiter":";"}"#, "/delimiter"), (#"{"encoding":"latin1"}"#, "/encoding"),
            (#"{"strict":"no"}"#, "/strict"),
            (#"{"max_record_bytes":10}"#, "/max_record_bytes"), (#"{"max_record_bytes":1e9}"#, "/max_record_bytes"),
            (#"{"delimeter":";"}"#, "/delimeter"), ("[]", ""), ("{", ""),
        ])
    func `a wrong setting is pointed at`(settings: String, pointer: String) throws {
        let failure = #expect(throws: ConnectorFailure.self) { try connector(settings) }
        #expect(failure?.failureClass == .config)
        #expect(failure?.pointer == pointer)
    }

    @Test func `all wrong settings are found at once`() throws {
        let settings = try Settings(json: Array(#"{"delimiter":"--","header":0,"formt":"csv"}"#.utf8))
        let findings = FileImport.findings(in: settings)
        #expect(findings.map(\.pointer) == ["/delimiter", "/header", "/formt"])
        #expect(findings.last?.message == #"Setting /formt: unknown field: did you mean "format"?"#)
        #expect(FileImport.findings(in: try Settings(json: Array(#"{"format":"csv","delimiter":"\t"}"#.utf8))).isEmpty)
    }
}
