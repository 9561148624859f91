import ConnectorHost
import ConnectorKit
import FileImport
import FoundationEssentials
import JSON
import TestSupport
import Testing

@Suite struct `The manifest of file` {
    private func manifest() throws -> Manifest {
        let path = "\(Repository.root)/Plugins/FileImport/Manifest/manifest.json"
        return try Manifest(reading: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    @Test func `the host takes it`() throws {
        let manifest = try manifest()
        #expect(manifest.id == "file")
        #expect(manifest.capabilities == [.pull, .completeSnapshots])
        #expect(manifest.sandbox.profile == .pure)
    }

    /// What is wrong: to the schema, which the host asks first, and to the connector.
    @Test(
        arguments: [
            ("{}", true),
            (#"{"format":"csv","delimiter":";","header":false,"max_record_bytes":1024,"path":"a.csv"}"#, true),
            (#"{"max_record_bytes":33554432,"delimiter":"\t"}"#, true), (#"{"format":"xls"}"#, false),
            (#"{"format":"ndjson","json_path":"a.b"}"#, true),
            (#"{"json_path":""}"#, false),
            (#"{"encoding":"windows-1256","quote":"'","strict":false}"#, true), (#"{"quote":""}"#, true),
            (#"{"encoding":"UTF-8"}"#, false), (#"{"quote":"''"}"#, false), (#"{"strict":1}"#, false),
            (#"{"delimiter":""}"#, false), (#"{"delimiter":"ab"}"#, false), (#"{"header":"yes"}"#, false),
            (#"{"max_record_bytes":1023}"#, false), (#"{"max_record_bytes":33554433}"#, false),
            (#"{"max_record_bytes":2000.5}"#, false), (#"{"path":1}"#, false), (#"{"sheet":"People"}"#, true),
            (#"{"sheet":""}"#, false), (#"{"sheet":2}"#, false), (#"{"colour":"red"}"#, false),
            (#"{"path":"*.csv","order":"time","after":"leave","settle_seconds":0,"manifest":"required"}"#, true),
            (#"{"order":"size"}"#, false), (#"{"after":"delete"}"#, false), (#"{"settle_seconds":-1}"#, false),
            (#"{"settle_seconds":86401}"#, false), (#"{"manifest":true}"#, false), (#"{"trailer":"TRL"}"#, true),
            (#"{"trailer":""}"#, false), (#"{"trailer":7}"#, false), ("[]", false),
        ])
    func `its schema and the connector agree on settings`(settings: String, isRight: Bool) throws {
        #expect(try manifest().settings.findings(in: JSONValue(parsing: settings)).isEmpty == isRight)
        let problems: [ConnectorKit.Finding]
        do throws(ConnectorFailure) {
            problems = FileImport.findings(in: try Settings(json: Array(settings.utf8)))
        } catch {
            problems = [Finding(error)]
        }
        #expect(problems.isEmpty == isRight, "\(problems)")
    }
}
