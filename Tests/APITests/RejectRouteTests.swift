import HTTPServer
import Identifiers
import JSON
import Mapping
import Store
import Sync
import Testing

@Suite(.timeLimit(.minutes(2))) struct RejectRouteTests {
    private static let file = """
        id,mail,name
        1,ann@example.com,Ann
        2,no address,Ben
        3,nowhere,Cem
        4,cid@example.com,Cid,too many
        5,nobody,Dan
        """ + "\n"

    /// A run of the file that has ended.
    private struct Site {
        let test: TestAPI
        let config: String
        let run: String

        init(_ file: String = RejectRouteTests.file) async throws {
            test = try await TestAPI()
            test.work()
            config = try await test.config()
            run = try await test.sync(config, ["file_id": .string(try await test.upload(file, to: config))])
            #expect(try await test.end(of: run)["state"] == "done_with_rejects")
        }

        var path: String { "/runs/\(run)/rejects" }

        func rejects(_ state: String = "") async throws -> [JSONValue] {
            let query = state.isEmpty ? "" : "?state=\(state)"
            return try await test.ask("GET", path + query).json["items"]?.arrayValue ?? []
        }

        func id(line: Int64) async throws -> String {
            let reject = try await rejects().first { $0["locator"]?["line"] == .integer(line) }
            return try #require(reject?["id"]?.stringValue)
        }

        func change(_ id: String, _ body: JSONValue, tag: String? = nil) async throws -> HTTPAnswer {
            try await test.ask("PATCH", "\(path)/\(id)", tag.map { ["If-Match": $0] } ?? [:], json: body)
        }

        /// The replay's run, when it has ended.
        func replay(_ body: JSONValue) async throws -> JSONValue {
            let started = try await test.ask("POST", "\(path)/replay", json: body)
            #expect(started.status == 202, "\(started.text)")
            #expect(started.json["kind"] == "replay")
            #expect(started.json["trigger"] == "manual")
            let id = try #require(started.json["id"]?.stringValue)
            #expect(started.headers["location"] == "/api/v1/integrations/runs/\(id)")
            return try await test.end(of: id)
        }

        func counts(_ run: JSONValue) -> [Int64?] {
            ["read", "created", "updated", "unchanged", "rejected"].map { run["counts"]?[$0]?.integerValue }
        }
    }

    @Test func `a corrected reject gets through alone, and the others stay`() async throws {
        let site = try await Site()
        let id = try await site.id(line: 3)
        let shown = try await site.test.ask("GET", "\(site.path)/\(id)")
        #expect(shown.json["correction"] == .null)
        let tag = try #require(shown.headers["etag"])
        let changed = try await site.change(id, ["raw": ["mail": "ben@example.com"]], tag: tag)
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json["raw"] == ["id": "2", "mail": "no address", "name": "Ben"])
        #expect(changed.json["correction"]?["raw"] == ["id": "2", "mail": "ben@example.com", "name": "Ben"])
        #expect(changed.json["correction"]?["by"] == "someone")
        #expect(try await site.change(id, ["state": "dismissed"], tag: tag).status == 412)
        #expect(try await site.change(id, ["state": "open"], tag: changed.headers["etag"]).status == 200)

        let replay = try await site.replay(["ids": [.string(id)]])
        #expect(replay["state"] == "done", "\(replay.text)")
        #expect(site.counts(replay) == [1, 1, 0, 0, 0])
        let reject = try await site.test.ask("GET", "\(site.path)/\(id)").json
        #expect(reject["state"] == "replayed")
        #expect(reject["replay_run_id"] == replay["id"])
        #expect(try await site.rejects("open").count == 3)
        let again = try await site.change(id, ["state": "dismissed"])
        #expect(again.status == 409)
        #expect(again.json["code"] == "reject_replayed")
        #expect(try await site.test.ask("POST", "\(site.path)/replay", json: ["ids": [.string(id)]]).status == 422)
        let changes = try await site.test.ask("GET", "/runs/\(replay["id"]?.stringValue ?? "")/changes").json
        #expect(changes["items"]?.arrayValue?.map { $0["external_id"] } == ["2"])
        try await site.test.stop()
    }

    @Test func `a group is replayed, then all: what fails again is open with its new failure, once`() async throws {
        let site = try await Site()
        let code = try #require(try await site.rejects().first?["code"]?.stringValue)
        for (line, mail) in [(3, "ben@example.com"), (4, "still nowhere")] as [(Int64, String)] {
            _ = try await site.change(try await site.id(line: line), ["raw": ["mail": .string(mail)]])
        }
        let group = try await site.replay(["code": .string(code), "field": "email"])
        #expect(group["state"] == "done_with_rejects")
        #expect(site.counts(group) == [3, 1, 0, 0, 2])
        #expect(try await site.rejects("replayed").map { $0["raw"]?["id"] } == ["2"])
        let cem = try await site.test.ask("GET", "\(site.path)/\(try await site.id(line: 4))").json
        #expect(cem["state"] == "open")
        #expect(cem["message"]?.stringValue?.contains("still nowhere") == true, "\(cem.text)")
        #expect(cem["replay_run_id"] == group["id"])
        // They stay rejects of the run that read them.
        let listed = try await site.test.ask("GET", "/runs/\(group["id"]?.stringValue ?? "")/rejects").json
        #expect(listed["items"] == [])
        let groups = try await site.test.ask("GET", "\(site.path)/groups").json
        let open = groups["items"]?.arrayValue?.first { $0["code"] == .string(code) }?["open"]
        #expect(open == 2)

        _ = try await site.change(try await site.id(line: 4), ["raw": ["mail": "cem@example.com"]])
        // One that could not be taken apart takes any fields.
        let spoiled = try await site.id(line: 5)
        let named = try await site.change(spoiled, ["raw": ["id": "4", "mail": "cid@example.com", "name": "Cid"]])
        #expect(named.status == 200, "\(named.text)")
        let all = try await site.replay(["all": true])
        #expect(site.counts(all) == [3, 2, 0, 0, 1])
        #expect(try await site.rejects("open").map { $0["raw"]?["id"] } == ["5"])
        _ = try await site.change(try await site.id(line: 6), ["state": "dismissed"])
        #expect(try await site.test.ask("POST", "\(site.path)/replay", json: ["all": true]).status == 422)
        #expect(try await site.test.ask("GET", "/overview").json["open_rejects"] == 0)
        try await site.test.stop()
    }

    @Test func `what can't be meant is refused`() async throws {
        let site = try await Site()
        let id = try await site.id(line: 3)
        let unknown = try await site.change(id, ["raw": ["email": "a@example.com"]])
        #expect(unknown.status == 422)
        #expect(unknown.json["code"] == "unknown_field" && unknown.json["pointer"] == "/raw/email", "\(unknown.text)")
        for (body, pointer) in [
            (["state": "replayed"], "/state"), (["raw": ["mail": 7]], "/raw/mail"), (["row": [:]], "/row"),
        ] as [(JSONValue, JSONValue)] {
            let refused = try await site.change(id, body)
            #expect(refused.status == 422 && refused.json["pointer"] == pointer, "\(refused.text)")
        }
        for body in [[:], ["ids": []], ["all": false], ["field": "email"], ["all": true, "code": "x"]] as [JSONValue] {
            #expect(try await site.test.ask("POST", "\(site.path)/replay", json: body).status == 422, "\(body.text)")
        }
        #expect(try await site.test.ask("POST", "\(site.path)/replay", json: ["code": "none"]).status == 422)
        let never = "0198c0de-0000-7000-8000-00000000ffff"
        #expect(try await site.test.ask("GET", "\(site.path)/\(never)").status == 404)
        #expect(try await site.change(never, ["state": "dismissed"]).status == 404)
        #expect(try await site.test.ask("GET", "/runs/\(never)/rejects/\(id)").status == 404)
        let asks: [(method: String, path: String, body: JSONValue?)] = [
            ("GET", "\(site.path)/\(id)", nil), ("PATCH", "\(site.path)/\(id)", ["state": "dismissed"]),
            ("POST", "\(site.path)/replay", ["all": true]),
        ]
        for ask in asks {
            let answer = try await site.test.ask(ask.method, ask.path, token: PlainTokens.stranger, json: ask.body)
            #expect(answer.status == 404, "\(ask.method) \(ask.path)")
        }
        #expect(try await site.change(id, ["raw": ["mail": "x@example.com"]]).status == 200)
        let back = try await site.change(id, ["raw": .null])
        #expect(back.json["correction"] == .null)
        try await site.test.stop()
    }

    @Test func `one run of a configuration at a time, whatever it does`() async throws {
        let site = try await Site()
        await site.test.workers.stop(within: .seconds(10))
        let first = try await site.test.ask("POST", "\(site.path)/replay", json: ["all": true])
        let second = try await site.test.ask("POST", "\(site.path)/replay", json: ["all": true])
        #expect(second.status == 409)
        #expect(second.json["code"] == "run_in_hand")
        #expect(second.json["run_id"] == first.json["id"])
        try await site.test.stop()
    }

    @Test func `the table has the input's layout, opens in Excel, and runs no formula there`() async throws {
        let file =
            "id,mail,name,name\n1,none,=cmd|x,+49 30 123\n2,no one,@SUM(A1),\"-2,5\"\n3,nobody,-x,سارة\n4,nowhere,＝1+1,\"\n=2\"\n"
        let site = try await Site(file)
        let table = try await site.test.ask("GET", site.path, ["Accept": "text/csv"])
        let lines = table.text.split(separator: "\r\n").map(String.init)
        #expect(lines.first == "\u{FEFF}id,mail,name,name_2,_error,_fix")
        #expect(lines[1].hasPrefix("1,none,'=cmd|x,+49 30 123,line 2: email: "))
        #expect(lines[2].hasPrefix("2,no one,'@SUM(A1),\"-2,5\",line 3: email: "))
        #expect(lines[3].hasPrefix("3,nobody,'-x,سارة,line 4: email: "))
        #expect(lines[4].hasPrefix("4,nowhere,'＝1+1,\"'\n=2\",line 5: email: "))
        // As it comes out it goes in again.
        let other = try await site.test.config("Again")
        let again = try await site.test.upload(table.text.replacing("nobody", with: "sara@example.com"), to: other)
        let run = try await site.test.end(of: try await site.test.sync(other, ["file_id": .string(again)]))
        #expect(site.counts(run) == [4, 1, 0, 0, 3])
        try await site.test.stop()
    }
}
