import API
import HTTPServer
import Identifiers
import JSON
import Mapping
import Store
import Sync
import TestSupport
import Testing
import Time

@Suite(.timeLimit(.minutes(2))) struct SyncRouteTests {
    private static let file = """
        id,mail,name
        1,ann@example.com,Ann
        2,no address,"Ben, the second"
        3,cem@example.com,"Cem ""C"" K"
        4,nobody,
        """ + "\n"

    @Test func `an uploaded file is synced, and all of it can be seen`() async throws {
        let test = try await TestAPI()
        test.work()
        let config = try await test.config()
        let file = try await test.upload(Self.file, to: config)
        let started = try await test.ask("POST", "/\(config)/sync", json: ["file_id": .string(file)])
        #expect(started.status == 202, "\(started.text)")
        let run = try #require(started.json["id"]?.stringValue)
        #expect(started.headers["location"] == "/api/v1/integrations/runs/\(run)")
        #expect(started.json["state"] == "queued")
        let ended = try await test.end(of: run)
        #expect(ended["state"] == "done_with_rejects", "\(ended.text)")
        #expect(ended["counts"]?["created"] == 2)
        #expect(ended["counts"]?["rejected"] == 2)
        #expect(try await test.ask("GET", "/runs/\(run)").json == ended)
        try await rejects(of: run, test)
        try await traces(of: run, config, test)
        // A second watcher of an ended run gets its end and nothing else.
        #expect(try await test.events(of: run).map(\.name) == ["end"])
        try await test.stop()
    }

    private func rejects(of run: String, _ test: TestAPI) async throws {
        let first = try await test.ask("GET", "/runs/\(run)/rejects?limit=1&field=email")
        let items = try #require(first.json["items"]?.arrayValue)
        #expect(items.map { $0["raw"]?["name"] } == ["Ben, the second"])
        #expect(items.first?["locator"] == ["file": "people.csv", "key": "2", "line": 3])
        #expect(items.first?["field"] == "email")
        let cursor = try #require(first.json["next_cursor"]?.stringValue)
        let second = try await test.ask("GET", "/runs/\(run)/rejects?limit=1&field=email&cursor=\(cursor)")
        #expect(second.json["items"]?.arrayValue?.map { $0["raw"]?["id"] } == ["4"])
        #expect(second.json["next_cursor"] == .null)
        #expect(try await test.ask("GET", "/runs/\(run)/rejects?code=none").json["items"] == [])
        // A cursor belongs to its list.
        #expect(try await test.ask("GET", "/runs?cursor=\(cursor)").status == 400)
        let code = try #require(items.first?["code"]?.stringValue)
        let groups = try await test.ask("GET", "/runs/\(run)/rejects/groups")
        #expect(groups.json["items"] == [["field": "email", "code": .string(code), "count": 2, "open": 2]])

        for (path, headers) in [("?format=csv", [:]), ("", ["Accept": "text/csv"])] {
            let table = try await test.ask("GET", "/runs/\(run)/rejects\(path)", headers)
            #expect(table.headers["content-type"] == "text/csv; charset=utf-8")
            let lines = table.text.split(separator: "\r\n")
            #expect(lines.count == 3)
            #expect(lines.first == "\u{FEFF}id,mail,name,_error,_fix")
            #expect(lines.dropFirst().first?.hasPrefix("2,no address,\"Ben, the second\",line 3: email: ") == true)
            #expect(lines.last?.hasPrefix("4,nobody,,line 5: email: ") == true)
        }
        #expect(try await test.ask("GET", "/runs/\(run)/rejects?format=csv&limit=3").status == 400)
        #expect(
            try await test.ask("GET", "/runs/\(run)/rejects?format=json", ["Accept": "text/csv"]).json["items"] != nil
        )
    }

    private func traces(of run: String, _ config: String, _ test: TestAPI) async throws {
        let changes = try await test.ask("GET", "/runs/\(run)/changes")
        #expect(changes.json["items"]?.arrayValue?.map { $0["external_id"] } == ["1", "3"])
        #expect(changes.json["items"]?.arrayValue?.allSatisfy { $0["effect"] == "created" } == true)
        let logs = try await test.ask("GET", "/\(config)/logs?run=\(run)&status=success&q=PEOPLE%20READ")
        #expect(logs.json["items"]?.arrayValue?.map { $0["event"] } == ["outcome"])
        #expect(try await test.ask("GET", "/\(config)/logs?status=error").json["items"] == [])
        let jobs = try await test.ask("GET", "/jobs?config_id=\(config)")
        #expect(jobs.json["items"]?.arrayValue?.map { $0["id"] } == [.string(run)])
        #expect(try await test.ask("POST", "/jobs/\(run)/redrive").status == 409)
        let runs = try await test.ask("GET", "/runs?config_id=\(config)&state=done_with_rejects&state=failed&kind=sync")
        #expect(runs.json["items"]?.arrayValue?.map { $0["id"] } == [.string(run)])
        #expect(try await test.ask("GET", "/runs?state=failed").json["items"] == [])
        #expect(try await test.ask("GET", "/runs?until=2020-01-01T00:00:00Z").json["items"] == [])
        let overview = try await test.ask("GET", "/overview").json
        #expect(overview["configs"] == ["total": 1, "active": 1, "failing": 0])
        #expect(overview["runs_of_last_day"]?["done_with_rejects"] == 1)
        #expect(overview["open_rejects"] == 2)
        #expect(overview["last_runs"]?.arrayValue?.map { $0["id"] } == [.string(run)])
        let deeds = try await test.ask("GET", "/audit?actor=someone")
        let actions = deeds.json["items"]?.arrayValue?.compactMap { $0["action"]?.stringValue }
        #expect(actions == ["run.queued", "file.added", "config.created"])
        #expect(try await test.ask("GET", "/audit?subject_id=\(run)").json["items"]?.arrayValue?.count == 1)
        #expect(try await test.ask("GET", "/audit", token: PlainTokens.stranger).json["items"] == [])
    }

    // MARK: - What can't be synced

    @Test func `what is not clear or not possible is refused, and nothing is queued`() async throws {
        let test = try await TestAPI()
        var others = TestAPI.people
        others.stream = "others.csv"
        let config = try await test.config("Two", [TestAPI.people, others])
        let refusals: [(String, JSONValue, Int, String)] = [
            (config, [:], 422, "file_missing"),
            (config, ["file_id": .string(try await test.upload("id\n", to: config))], 422, "stream_needed"),
            (config, ["files": [:]], 422, "file_missing"),
            (config, ["files": ["none.csv": .string(config)]], 422, "unknown_stream"),
            (config, ["files": ["people.csv": .string(config)]], 422, "unknown_file"),
            (config, ["files": ["people.csv": .string(config)], "stream": "others.csv"], 422, "file_missing"),
            (config, ["files": ["people.csv": .string(config)], "file_id": .string(config)], 422, "two_inputs"),
            (config, ["files": ["people.csv": "x"]], 422, "invalid_body"),
            (config, ["stream": "none.csv"], 422, "unknown_stream"),
            (config, ["stream": "people.csv"], 422, "file_missing"),
            (config, ["stream": "people.csv", "file_id": .string(config)], 422, "unknown_file"),
            (config, ["dry_run": "yes"], 422, "invalid_body"),
            (config, ["reassert": true], 422, "invalid_body"),
            (config, ["file_id": "x"], 422, "invalid_body"),
            (try await test.config("None", []), [:], 422, "nothing_mapped"),
            (PlainTokens.tenant.description, [:], 404, "not_found"),
        ]
        for (config, body, status, code) in refusals {
            let answer = try await test.ask("POST", "/\(config)/sync", json: body)
            #expect(answer.status == status, "\(body.text): \(answer.text)")
            #expect(answer.code == code)
        }
        let file = try await test.upload("id\n", to: config)
        let several = try await test.ask("POST", "/\(config)/sync", json: ["file_id": .string(file)])
        #expect(several.json["detail"]?.stringValue?.contains("\"others.csv\"") == true)
        #expect(try await test.ask("GET", "/runs").json["items"] == [])
        try await test.stop()
    }

    @Test(arguments: [
        (#"[{"id":"1","name":"Ada"}]"#, "stream_needed"),
        (#"{"people.csv":[{"id":"1","name":"Ada"}]}"#, "stream_needed"),
        (#"{"people.csv":[{"id":"1","name":"Ada"}],"courses.csv":[{"id":"1","name":"C"}]}"#, ""),
        // By its first byte the host takes it for JSON; the connector knows better.
        ("[id],name\n1,Ada\n", "stream_needed"),
    ])
    func `one part of a file is not taken for each of several streams`(text: String, code: String) async throws {
        let test = try await TestAPI()
        test.work()
        let rows = ["external_id", "title"].map {
            MappingRow(sourceField: $0 == "title" ? "name" : "id", targetField: $0)
        }
        var people = TestAPI.people
        people.rows.removeAll { $0.targetField == "email" }
        let config = try await test.config(
            "Two",
            [people, MappingSet(stream: "courses.csv", entity: .courses, rows: rows)]
        )
        let file = try await test.upload(text, to: config, name: "data.json")
        let ended = try await test.end(of: try await test.sync(config, ["file_id": .string(file)]))
        #expect(ended["error"]?["code"]?.stringValue ?? "" == code, "\(ended.text)")
        #expect(ended["counts"]?["read"] == (code.isEmpty ? 2 : 0))
        // Whoever names the stream, or the file of each, means it.
        let named = try await test.end(of: try await test.sync(config, ["files": ["people.csv": .string(file)]]))
        #expect(named["error"]?["code"]?.stringValue != "stream_needed", "\(named.text)")
        try await test.stop()
    }

    @Test func `what the connector found doubtful stands in the run`() async throws {
        let test = try await TestAPI()
        test.work()
        let config = try await test.config()
        let bytes =
            Array("id,mail,name\n1,ann@example.com,M".utf8) + [0xFC] + Array("ller\n2,ben@example.com,Ben\n".utf8)
        let answer = try await test.ask(
            "POST",
            "/\(config)/files?name=people.csv",
            ["Content-Type": "text/csv"],
            body: bytes
        )
        let file = try #require(answer.json["id"]?.stringValue)
        let ended = try await test.end(of: try await test.sync(config, ["file_id": .string(file)]))
        let stream = try #require(ended["streams"]?.arrayValue?.first)
        #expect(stream["found"]?["encoding"] == "windows-1252", "\(ended.text)")
        let warnings = (stream["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(warnings.contains { $0.contains("windows-1252") }, "\(warnings)")
        #expect(try await test.ask("GET", "/runs").json["items"]?.arrayValue?.first?["streams"] == ended["streams"])
        try await test.stop()
    }

    @Test func `another configuration's file is none of this one's`() async throws {
        let test = try await TestAPI()
        let (one, other) = (try await test.config("One"), try await test.config("Other"))
        let file = try await test.upload("id\n", to: other)
        let answer = try await test.ask("POST", "/\(one)/sync", json: ["file_id": .string(file)])
        #expect(answer.code == "unknown_file")
        for path in ["", "/preview"] {
            let method = path.isEmpty ? "GET" : "POST"
            #expect(try await test.ask(method, "/\(one)/files/\(file)\(path)").status == 404)
        }
        #expect(try await test.ask("DELETE", "/\(one)/files/\(file)").status == 404)
        #expect(try await test.ask("GET", "/\(other)/files/\(file)").status == 200)
        try await test.stop()
    }

    @Test func `what is switched off is not synced`() async throws {
        let test = try await TestAPI()
        let config = try await test.config(provider: "test-turns", [TestAPI.turns])
        _ = try await test.ask("PATCH", "/configs/\(config)", json: ["is_active": false])
        let off = try await test.ask("POST", "/\(config)/sync")
        #expect(off.status == 409)
        #expect(off.code == "inactive")
        _ = try await test.ask("PATCH", "/configs/\(config)", json: ["is_active": true])
        _ = try await test.store.setProvider(
            "test-turns",
            isEnabled: false,
            actor: "someone",
            tenant: PlainTokens.tenant,
            now: .now()
        )
        let providerOff = try await test.ask("POST", "/\(config)/sync")
        #expect(providerOff.status == 409)
        #expect(providerOff.code == "provider_off")
        try await test.stop()
    }

    // MARK: - Runs in hand

    @Test func `a run in hand is named, and cancelled while its connector works`() async throws {
        let test = try await TestAPI()
        test.work()
        let settings: JSONValue = ["rows": 20, "at": 10, "do": "wait"]
        let config = try await test.config(provider: "test-turns", settings: settings, [TestAPI.turns])
        let run = try await test.sync(config)
        let id = try #require(UUID(run))
        let statuses = try #require(
            try await test.context.board.events(for: id, tenant: PlainTokens.tenant, in: test.store)
        )
        for await status in statuses where status.phase != nil { break }
        let second = try await test.ask("POST", "/\(config)/sync")
        #expect(second.status == 409)
        #expect(second.json["run_id"] == .string(run))
        let shown = try await test.ask("GET", "/runs/\(run)").json
        #expect(shown["state"] == "running")
        #expect(shown["progress"]?["phase"]?.stringValue?.isEmpty == false)
        #expect(try await test.ask("POST", "/runs/\(run)/cancel", token: PlainTokens.stranger).status == 404)

        async let watched = test.events(of: run)
        let start = ContinuousClock.now
        let cancelled = try await test.ask("POST", "/runs/\(run)/cancel")
        #expect(cancelled.status == 200)
        #expect(cancelled.json["state"] == "cancelled")
        #expect(cancelled.json["error"]?["message"] == "Cancelled by someone.")
        #expect(try await watched.last?.data["state"] == "cancelled")
        // Its connector would wait for good; how long it takes is measured in Benchmarks.
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try await test.ask("POST", "/runs/\(run)/cancel").status == 409)
        #expect(try await test.ask("GET", "/audit?action=run.cancelled").json["items"]?.arrayValue?.count == 1)
        try await test.stop()
    }

    @Test func `a key's sync is queued once`() async throws {
        let test = try await TestAPI()
        let config = try await test.config(provider: "test-turns", [TestAPI.turns])
        let key = ["Idempotency-Key": "one"]
        let first = try await test.ask("POST", "/\(config)/sync", key, json: [:])
        let again = try await test.ask("POST", "/\(config)/sync", key, json: [:])
        #expect(first.status == 202)
        #expect(again.status == 202)
        #expect(again.json == first.json)
        #expect(again.headers["location"] == first.headers["location"])
        #expect(try await test.ask("POST", "/\(config)/sync").status == 409)
        // Nobody works here: it waits, and can be cancelled all the same.
        let run = try #require(first.json["id"]?.stringValue)
        #expect(try await test.ask("POST", "/runs/\(run)/cancel").json["state"] == "cancelled")
        try await test.stop()
    }

    @Test func `who watches a queued run sees its end when its configuration is deleted`() async throws {
        let test = try await TestAPI()
        let config = try await test.config(provider: "test-turns", [TestAPI.turns])
        let run = try #require(UUID(try await test.sync(config)))
        let board = test.context.board
        let watched = try await board.events(for: run, tenant: PlainTokens.tenant, in: test.store)
        let events = try #require(watched)
        #expect(try await test.ask("DELETE", "/configs/\(config)").status == 204)
        var last: RunState?
        for await status in events { last = status.state }
        #expect(last == .cancelled && board.listeners == 0)
        try await test.stop()
    }

    @Test func `a dead job is redriven`() async throws {
        let test = try await TestAPI()
        test.work()
        // It wants a password that nobody has given: the run fails for good.
        let settings: JSONValue = ["password": "swordfish"]
        let config = try await test.config(provider: "test-turns", settings: settings, [TestAPI.turns])
        let run = try await test.sync(config)
        let failed = try await test.end(of: run)
        #expect(failed["state"] == "failed")
        #expect(failed["error"]?["class"] == "auth")
        #expect(try await test.ask("GET", "/jobs?state=dead").json["items"]?.arrayValue?.count == 1)
        #expect(try await test.ask("POST", "/jobs/\(run)/redrive", token: PlainTokens.stranger).status == 404)
        _ = try await test.ask("PATCH", "/configs/\(config)", json: ["settings": ["rows": 20]])
        let redriven = try await test.ask("POST", "/jobs/\(run)/redrive")
        #expect(redriven.status == 202, "\(redriven.text)")
        let next = try #require(redriven.json["id"]?.stringValue)
        #expect(try await test.end(of: next)["counts"]?["created"] == 18)
        #expect(try await test.ask("GET", "/jobs?state=dead").json["items"] == [])
        try await jobs(newest: next, oldest: run, test)
        try await test.stop()
    }

    private func jobs(newest: String, oldest: String, _ test: TestAPI) async throws {
        let first = try await test.ask("GET", "/jobs?limit=1").json
        #expect(first["items"]?.arrayValue?.map { $0["id"] } == [.string(newest)])
        let cursor = try #require(first["next_cursor"]?.stringValue)
        let second = try await test.ask("GET", "/jobs?limit=1&cursor=\(cursor)").json
        #expect(second["items"]?.arrayValue?.map { $0["id"] } == [.string(oldest)])
        #expect(second["next_cursor"] == .null)
    }

    @Test func `a stranger finds nothing, and what never was is answered alike`() async throws {
        let test = try await TestAPI()
        let config = try await test.config(provider: "test-turns", [TestAPI.turns])
        let file = try await test.upload("x", to: config)
        let run = try await test.sync(config)
        let never = "0198c0de-0000-7000-8000-00000000ffff"
        let paths: [(String, String)] = [
            ("POST", "/CONFIG/sync"), ("GET", "/runs/RUN"), ("POST", "/runs/RUN/cancel"), ("GET", "/runs/RUN/changes"),
            ("GET", "/runs/RUN/events"), ("GET", "/runs/RUN/rejects"), ("GET", "/runs/RUN/rejects?format=csv"),
            ("GET", "/runs/RUN/rejects/groups"), ("POST", "/jobs/RUN/redrive"), ("GET", "/CONFIG/logs"),
            ("GET", "/CONFIG/files"), ("GET", "/CONFIG/files/FILE"), ("DELETE", "/CONFIG/files/FILE"),
            ("POST", "/CONFIG/files/FILE/preview"),
        ]
        func filled(_ path: String, _ config: String, _ run: String, _ file: String) -> String {
            path.replacing("CONFIG", with: config).replacing("RUN", with: run).replacing("FILE", with: file)
        }
        for (method, path) in paths {
            let foreign = try await test.ask(method, filled(path, config, run, file), token: PlainTokens.stranger)
            let missing = try await test.ask(method, filled(path, never, never, never))
            #expect(foreign.status == 404, "\(method) \(path)")
            #expect(missing.status == 404, "\(method) \(path)")
            let known = [config, run, file]
            func plain(_ text: String) -> String {
                known.reduce(text) { $0.replacing($1, with: never) }
            }
            #expect(plain(foreign.json.without("request_id").text) == missing.json.without("request_id").text)
        }
        let upload = try await test.ask(
            "POST",
            "/\(config)/files?name=a",
            token: PlainTokens.stranger,
            ["Content-Type": "text/csv"],
            body: [1]
        )
        #expect(upload.status == 404)
        #expect(try await test.ask("GET", "/runs", token: PlainTokens.stranger).json["items"] == [])
        #expect(try await test.ask("GET", "/jobs", token: PlainTokens.stranger).json["items"] == [])
        try await test.stop()
    }
}
