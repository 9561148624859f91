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

@Suite(.timeLimit(.minutes(2))) struct GuardRouteTests {
    private static func file(_ domain: String) -> String {
        "id,mail,name\n" + (1...30).map { "\($0),p\($0)@\(domain),P\($0)\n" }.joined()
    }

    /// A run that is held, for thirty people would get another e-mail.
    private func held(_ test: TestAPI, _ config: String, _ domain: String) async throws -> String {
        let file = try await test.upload(Self.file(domain), to: config)
        let started = try await test.ask("POST", "/\(config)/sync", json: ["file_id": .string(file)])
        return try #require(started.json["id"]?.stringValue, "\(started.text)")
    }

    @Test func `what a run has set aside is shown, refused, and approved`() async throws {
        let test = try await TestAPI()
        test.work()
        let config = try await test.config()
        _ = try await test.end(of: try await held(test, config, "a.example"))
        let first = try await held(test, config, "b.example")
        let run = try await test.end(of: first)
        #expect(run["state"] == "held", "\(run.text)")
        #expect(run["counts"]?["set_aside"] == 30)
        #expect(run["finished_at"] == .null)
        let verdict = run["guard"]?["verdicts"]?.arrayValue?.first
        #expect(
            verdict?["kinds"] == [
                [
                    "kind": "key_change", "count": 30, "whole": 30, "earlier": 0, "limit": 10,
                    "cause": "email changes", "cause_code": "keys", "before": .null, "after": .null,
                    "fields": ["email"],
                ]
            ]
        )
        #expect(run["guard"]?["decision"] == .null)

        let effects = try await test.ask("GET", "/runs/\(first)/effects?kind=key_change&state=pending&limit=20")
        let items = try #require(effects.json["items"]?.arrayValue, "\(effects.text)")
        #expect(items.count == 20 && effects.json["next_cursor"] != .null)
        #expect(items[0]["name"] == "P1" && items[0]["kinds"] == ["key_change"])
        #expect(
            items[0]["fields"] == [["name": "email", "before": "p1@a.example", "after": "p1@b.example"]]
        )
        #expect(try await test.ask("GET", "/runs/\(first)/effects?state=applied").json["items"] == [])
        #expect(try await test.ask("GET", "/runs/\(first)/effects?kind=delete").status == 400)

        let refused = try await test.ask("POST", "/runs/\(first)/refuse")
        #expect(refused.status == 200 && refused.json["state"] == "done", "\(refused.text)")
        #expect(refused.json["guard"]?["decision"]?["decision"] == "refused")
        for verb in ["approve", "refuse"] {
            let again = try await test.ask("POST", "/runs/\(first)/\(verb)")
            #expect(again.status == 409 && again.code == "run_not_held")
        }

        let second = try await held(test, config, "c.example")
        #expect(try await test.end(of: second)["state"] == "held")
        let key = ["Idempotency-Key": "once"]
        let approved = try await test.ask("POST", "/runs/\(second)/approve", key)
        #expect(approved.status == 202, "\(approved.text)")
        let repeated = try await test.ask("POST", "/runs/\(second)/approve", key)
        #expect(repeated.status == 202 && repeated.headers["idempotency-replayed"] == "true")
        let ended = try await test.end(of: second)
        #expect(ended["state"] == "done" && ended["counts"]?["updated"] == 30, "\(ended.text)")
        #expect(
            try await test.ask("GET", "/runs/\(second)/effects?state=applied&limit=50").json["items"]?.arrayValue?.count
                == 30
        )
        let deeds = try await test.ask("GET", "/audit?subject_id=\(second)").json["items"]?.arrayValue
        #expect(deeds?.map { $0["action"] } == ["run.approved", "run.queued"])
        try await test.stop()
    }

    @Test func `a held run is nobody's in hand, and no stranger's to decide`() async throws {
        let test = try await TestAPI()
        test.work()
        let config = try await test.config()
        _ = try await test.end(of: try await held(test, config, "a.example"))
        let first = try await held(test, config, "b.example")
        _ = try await test.end(of: first)
        for verb in ["approve", "refuse"] {
            let stranger = try await test.ask("POST", "/runs/\(first)/\(verb)", token: PlainTokens.stranger)
            #expect(stranger.status == 404)
        }
        let next = try await test.end(of: try await held(test, config, "a.example"))
        #expect(next["state"] == "done" && next["counts"]?["unchanged"] == 30)
        let superseded = try await test.ask("GET", "/runs/\(first)").json
        #expect(superseded["state"] == "done" && superseded["guard"]?["decision"]?["decision"] == "superseded")
        try await test.stop()
    }
}
