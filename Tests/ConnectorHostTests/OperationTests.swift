import Columns
import ConnectorHost
import Crypto
import Identifiers
import JSON
import TestSupport
import Testing

@Suite struct OperationTests {
    // MARK: - Pulls that go well

    @Test func `a pull gives schema, batches, tokens and a summary`() async throws {
        let test = try TestHost("good")
        let operation = try await test.host.pull(test.request("numbers", settings: ["rows": 10]))
        let schema = try await operation.schema()
        #expect(schema.locatorKind == "row")
        #expect(schema.fields.first == Field(name: "_tf_at", type: .int64, isNullable: false))
        var rows = 0
        while let batch = try await operation.next() {
            rows += batch.batch.count
            #expect(batch.token == Array("\(rows)".utf8))
            #expect(batch.batch.columns.map(\.field) == schema.fields)
        }
        #expect(rows == 10)
        let summary = try await operation.summary()
        #expect(summary.isComplete && summary.read == 10 && summary.declaredTotal == nil)
        #expect(try await operation.next() == nil)
    }

    @Test func `a pull goes on from its token, and stops at its limit`() async throws {
        let test = try TestHost("good")
        var request = test.request("numbers", settings: ["rows": 9])
        request.batchRows = 4
        let whole = try await test.readAll(request)
        #expect(whole.batches.map(\.batch.count) == [4, 4, 1])
        request.token = whole.batches[0].token
        let rest = try await test.readAll(request)
        #expect(rest.batches == Array(whole.batches.dropFirst()))
        request.token = nil
        request.limit = 3
        #expect(try await test.readAll(request).batches.map(\.batch.count) == [3])
    }

    @Test func `the golden rows arrive as they are`() async throws {
        let test = try TestHost("good")
        let batch = try #require(try await test.readAll(test.request("golden")).batches.first).batch
        #expect((0..<3).map { batch.column(named: "_tf_at")?.integer($0) } == [2, 3, 5])
        #expect(
            (0..<3).map { batch.column(named: "name")?.text($0) } == ["Noël".replacing("l", with: ""), nil, "Zoë!"]
        )
        #expect(batch.column(named: "active")?.bytes == [3])
    }

    @Test func `a row may lack a value, which is another thing than null`() async throws {
        let test = try TestHost("good")
        let batch = try #require(try await test.readAll(test.request("lacking")).batches.first).batch
        #expect((0..<3).map { batch.columns[1].text($0) } == ["12", nil, nil])
        let absent = try #require(AbsentValues(batch))
        #expect((0..<3).map(absent.columns(ofRow:)) == [[], [], [1]])
    }

    @Test func `offsets in the connector's arrays leave no trace`() async throws {
        let test = try TestHost("good")
        let plain = try await test.readAll(test.request("numbers", settings: ["rows": 50]))
        let shifted = try await test.readAll(test.request("shifted", settings: ["rows": 50]))
        #expect(plain.batches == shifted.batches)
        #expect(plain.batches[0].batch.columns.count > 20)
    }

    @Test func `large batches come in parts, and none is lost`() async throws {
        let test = try TestHost("good")
        var request = test.request("wide", settings: ["rows": 150, "text_bytes": 1_000_000])
        request.batchRows = 150
        let operation = try await test.host.pull(request)
        var bytes = 0
        var batches = 0
        while let batch = try await operation.next() {
            bytes += batch.batch.columns[0].bytes.count
            batches += 1
        }
        #expect(bytes == 150_000_000)
        #expect(batches >= 3)
    }

    // MARK: - Questions

    @Test func `the connector answers what it is asked`() async throws {
        let test = try TestHost("good")
        let manifest = try await test.host.connector("test-good").manifest
        #expect(try await test.ask(.describe) == JSONValue(parsing: manifest.text))
        #expect(try await test.ask(.validate, settings: ["rows": 3]) == ["findings": []])
        let findings = try await test.ask(.validate, settings: ["rows": -3])
        #expect(findings["findings"]?.arrayValue?.first?["pointer"] == "/rows")
        #expect(try await test.ask(.discover)["streams"]?.arrayValue?.first?["name"] == "numbers")
    }

    @Test func `services answer while a call runs, and what they were given is masked`() async throws {
        let services = MemoryServices()
        let test = try TestHost("good", services: services)
        let report = try await test.ask(.test, secrets: ["password": Secret("swordfish")])
        let steps = report["steps"]?.arrayValue ?? []
        for name in ["secret", "absent", "updated", "missed", "put", "got"] as [JSONValue] {
            #expect(steps.first { $0["name"] == name }?["ok"] == true, "\(name.text)")
        }
        #expect(services.secrets["password"]?.reveal() == "tuna €")
        #expect(services.owners == [ServiceOwner(provider: "test-good", tenant: TestHost.tenant, config: nil)])
        #expect(test.log.lines.contains { $0.contains("looking at") && $0.contains("\"provider\":\"test-good\"") })
        #expect(!test.log.lines.joined().contains("swordfish"))
    }

    @Test func `without services a connector is told so`() async throws {
        let test = try TestHost("good")
        let report = try await test.ask(.test, secrets: ["password": Secret("swordfish")])
        let failed = (report["steps"]?.arrayValue ?? []).filter { $0["ok"] == false }.compactMap {
            $0["name"]?.stringValue
        }
        #expect(failed.contains("updated") && failed.contains("put"))
    }

    @Test func `inputs are handed over by name`() async throws {
        let test = try TestHost("good")
        let files = try TemporaryFolder()
        let inputs = [
            PullRequest.Input(name: "a.csv", path: try files.write([1], to: "a.csv")),
            PullRequest.Input(name: "b.csv", path: try files.write([2], to: "other.csv")),
        ]
        let answer = try await test.host.ask(
            .discover,
            provider: test.provider,
            tenant: TestHost.tenant,
            settings: [:],
            inputs: inputs,
            deadline: .seconds(30)
        )
        #expect(answer["inputs"] == ["a.csv", "b.csv"])
    }

    // MARK: - What never gets to a runner

    @Test func `settings and credentials are checked before anything runs`() async throws {
        let test = try TestHost("good") { $0.runnerPath = "/nowhere/trainflow-runner" }
        let settings = try await test.failure(of: test.request("numbers", settings: ["rows": "many"])).error
        #expect(settings.errorClass == .config && settings.code == "invalid_settings")
        #expect(settings.detail["pointer"] == "/rows")
        #expect(settings.message.contains("/rows must be a whole number"))
        #expect(try await test.host.findings(in: ["rows": "many"], provider: "test-good").map(\.pointer) == ["/rows"])
    }

    @Test func `credentials have a size`() async throws {
        let test = try TestHost("good") { $0.runnerPath = "/nowhere/trainflow-runner" }
        let secrets = ["password": Secret(String(repeating: "x", count: 70_000))]
        #expect(
            try await test.failure(of: test.request("numbers", secrets: secrets)).error.code == "credentials_too_large"
        )
    }

    @Test func `inputs that can't be opened say which and why`() async throws {
        let test = try TestHost("good")
        let folder = try TemporaryFolder()
        func error(_ path: String) async throws -> ConnectorError {
            var request = test.request("numbers")
            request.inputs = [PullRequest.Input(name: "a", path: path)]
            return try await test.failure(of: request).error
        }
        let missing = try await error("/nowhere/people.csv")
        #expect(missing.errorClass == .notFound && missing.message.contains("/nowhere/people.csv"))
        #expect(try await error(folder.path).message.contains("is a folder"))
        #expect(try await error("/dev/null").code == "input_no_file")
    }

    @Test func `a missing runner says how to build it`() async throws {
        let test = try TestHost("good") { $0.runnerPath = "/nowhere/trainflow-runner" }
        let error = try await test.failure(of: test.request("numbers")).error
        #expect(error.errorClass == .internal && error.code == "runner_not_started")
        #expect(error.message.contains("/nowhere/trainflow-runner"))
    }

    @Test func `the operator's limits hold against the manifest`() async throws {
        let test = try TestHost("good") { $0.memoryLimit = 1 << 20 }
        #expect(try await test.failure(of: test.request("numbers")).error.code == "memory_limit")
        let unsigned = try TestHost("good") { $0.areUnsignedPluginsAllowed = false }
        #expect(try await unsigned.failure(of: unsigned.request("numbers")).error.code == "unknown_provider")
    }

    // MARK: - Ends before the end

    @Test func `a cancelled pull ends as cancelled`() async throws {
        let test = try TestHost("good")
        let operation = try await test.host.pull(test.request("wait"))
        #expect(try await operation.next() != nil)
        operation.cancel()
        let error = await #expect(throws: ConnectorError.self) { try await operation.next() }
        #expect(error?.errorClass == .cancelled)
        let again = await #expect(throws: ConnectorError.self) { try await operation.summary() }
        #expect(again?.errorClass == .cancelled)
    }

    @Test func `a cancelled task cancels what it waits for`() async throws {
        let test = try TestHost("good")
        let operation = try await test.host.pull(test.request("wait"))
        #expect(try await operation.next() != nil)
        let reading = Task { try await operation.next() }
        reading.cancel()
        let error = await #expect(throws: ConnectorError.self) { try await reading.value }
        #expect(error?.errorClass == .cancelled)
    }

    @Test func `a deadline ends a pull that waits for ever`() async throws {
        let test = try TestHost("good")
        let (error, batches) = try await test.failure(of: test.request("wait", deadline: .milliseconds(200)))
        #expect(error.errorClass == .timeout && error.code == "deadline")
        #expect(batches <= 1)
    }

    @Test func `an unknown stream is the connector's own error`() async throws {
        let test = try TestHost("good")
        let (error, batches) = try await test.failure(of: test.request("people"))
        #expect(error.errorClass == .notFound && error.code == "stream_not_found" && batches == 0)
    }

    @Test func `times of day arrive`() async throws {
        let test = try TestHost("good")
        let column = try #require(try await test.readAll(test.request("clock")).batches.first).batch.columns[0]
        #expect(column.field.type == .time)
        #expect((0..<3).map { column.integer($0) } == [0, 60_000_000, 120_000_000])
    }

    @Test func `what is printed is logged as lines, with who printed it`() async throws {
        let test = try TestHost("good")
        _ = try await test.readAll(test.request("numbers", settings: ["rows": 3, "print": 1]))
        let lines = test.log.lines.filter { $0.contains("printed before row") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("\"output\":\"stdout\"") == true)
        #expect(lines.first?.contains("\"stream\":\"numbers\"") == true)
        #expect(lines.first?.contains("\"level\":\"debug\"") == true)
    }

    @Test func `a kernel without Landlock is said in the log`() async throws {
        let test = try TestHost("good") {
            $0.landlockABI = 0
            $0.requiredSandboxLayers = [.seccomp]
        }
        _ = try await test.readAll(test.request("numbers"))
        #expect(test.log.lines.contains { $0.contains("lacks layers of the sandbox") && $0.contains("landlock") })
    }

    @Test func `all layers must be there, unless the operator does without one`() async throws {
        let weak = try TestHost("good") { $0.landlockABI = 0 }
        let error = try await weak.failure(of: weak.request("numbers")).error
        #expect(error.code == "sandbox_failed" && error.message.contains("Landlock"), "\(error.message)")
        let strong = try TestHost("good")
        #expect(try await strong.readAll(strong.request("numbers")).summary.read == 10)
    }

    @Test func `an older Landlock is enough`() async throws {
        let test = try TestHost("good") { $0.landlockABI = 2 }
        #expect(try await test.readAll(test.request("numbers")).summary.read == 10)
    }

    // MARK: - Turns

    @Test func `runners of one tenant wait for each other`() async throws {
        let test = try TestHost("good") { $0.concurrencyPerTenant = 1 }
        let first = try await test.host.pull(test.request("wait"))
        #expect(try await first.next() != nil)
        let second = Task { try await test.readAll(test.request("numbers")).summary.read }
        let waiting = Task { try await test.readAll(test.request("numbers")).summary.read }
        waiting.cancel()
        let error = await #expect(throws: ConnectorError.self) { try await waiting.value }
        #expect(error?.errorClass == .cancelled)
        var other = test.request("numbers")
        other.tenant = UUID(high: 9, low: 9)
        #expect(try await test.readAll(other).summary.read == 10)
        first.cancel()
        #expect(try await second.value == 10)
    }
}
