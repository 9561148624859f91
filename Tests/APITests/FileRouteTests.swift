import API
import CSystem
import Crypto
import Glibc
import HTTPServer
import Identifiers
import JSON
import Platform
import SQLite
import Store
import TestSupport
import Testing
import Time

@Suite(.timeLimit(.minutes(2))) struct FileRouteTests {
    private static let raw = ["Content-Type": "application/octet-stream"]

    private func form(_ parts: [(head: String, content: String)], end: String = "--\r\n") -> [UInt8] {
        var text = ""
        for part in parts {
            text += "--xx\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n\(part.content)\r\n"
        }
        return Array((text + "--xx" + end).utf8)
    }

    private static let formType = ["Content-Type": "multipart/form-data; boundary=xx"]

    // MARK: - Upload

    @Test func `an uploaded file is told, kept for its owner alone, listed and deleted`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let text = "id,name\n" + String(repeating: "1,Ann\n", count: 100_000)
        let made = try await test.ask("POST", "/\(config)/files?name=people.csv", Self.raw, body: Array(text.utf8))
        #expect(made.status == 201, "\(made.text)")
        let id = try #require(made.json["id"]?.stringValue)
        #expect(made.headers["location"] == "/api/v1/integrations/\(config)/files/\(id)")
        #expect(made.json["name"] == "people.csv")
        #expect(made.json["size"] == .integer(Int64(text.utf8.count)))
        #expect(made.json["sha256"] == .string(SHA256.hash(text).hex))
        #expect(made.json["format"] == "csv")
        #expect(made.json["findings"] == [])
        #expect(made.json["created_by"] == "someone")
        let content = try #require(try test.contents().first)
        #expect(content.hasPrefix("\(PlainTokens.tenant)/"))
        #expect(!content.contains("people"))
        #expect(try test.folder.read("files/\(content)") == Array(text.utf8))
        let file = try FileDescriptor.open(test.folder.file("files/\(content)"), O_RDONLY)
        #expect(try file.status().st_mode & 0o777 == 0o600)
        let folder = try FileDescriptor.open(test.folder.file("files/\(PlainTokens.tenant)"), O_RDONLY)
        #expect(try folder.status().st_mode & 0o777 == 0o700)

        _ = try await test.upload("x", to: config, name: "second.csv")
        let page = try await test.ask("GET", "/\(config)/files?limit=1").json
        #expect(page["items"]?.arrayValue?.map { $0["name"] } == ["second.csv"])
        let cursor = try #require(page["next_cursor"]?.stringValue)
        let rest = try await test.ask("GET", "/\(config)/files?limit=1&cursor=\(cursor)").json
        #expect(rest["items"] == [made.json])
        #expect(try await test.ask("GET", "/\(config)/files/\(id)").json == made.json)
        #expect(try await test.ask("DELETE", "/\(config)/files/\(id)").status == 204)
        #expect(try await test.ask("DELETE", "/\(config)/files/\(id)").status == 404)
        #expect(try await test.ask("GET", "/\(config)/files/\(id)").status == 404)
        #expect(try test.contents().count == 1)
        try await test.stop()
    }

    @Test func `a form's file brings its own name, without its folders`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let names = [
            ("people.csv", "people.csv"), ("../../etc/passwd", "passwd"), ("C:\\Users\\ann\\people.csv", "people.csv"),
            (" Mitarbeiter\u{2028} ü.csv ", "Mitarbeiter ü.csv"),
        ]
        for (given, kept) in names {
            let body = form([("name=\"file\"; filename=\"\(given)\"", "id\r\n1\r\n")])
            let made = try await test.ask("POST", "/\(config)/files", Self.formType, body: body)
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["name"] == .string(kept))
            #expect(made.json["size"] == 7)
        }
        let body = form([("name=\"file\"; filename=\"a.csv\"", "id")])
        let named = try await test.ask("POST", "/\(config)/files?name=b.csv", Self.formType, body: body)
        #expect(named.json["name"] == "b.csv")
        try await test.stop()
    }

    @Test func `what is no upload is refused, and nothing of it stays`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let good = "name=\"file\"; filename=\"a.csv\""
        let tooMuch = [UInt8](repeating: 0x61, count: Int(TestAPI.uploadLimit) + 1)
        let uploads: [(String, [String: String], [UInt8], Int, String)] = [
            ("", Self.raw, [1], 400, "invalid_parameter"),
            ("?name=..", Self.raw, [1], 422, "file_name"),
            ("?name=a/", Self.raw, [1], 422, "file_name"),
            ("?name=" + String(repeating: "a", count: 256), Self.raw, [1], 422, "file_name"),
            ("?name=" + String(repeating: "a", count: 501), Self.raw, [1], 400, "invalid_parameter"),
            ("?nam=a", Self.raw, [1], 400, "unknown_parameter"),
            ("?name=a", [:], [1], 415, "content_type"),
            ("?name=a", ["Content-Type": "application/json"], [1], 415, "content_type"),
            ("?name=a", ["Content-Type": "multipart/form-data"], [1], 415, "not_multipart"),
            ("?name=a", Self.raw, tooMuch, 413, "content_too_large"),
            ("", Self.formType, form([(good, String(decoding: tooMuch, as: UTF8.self))]), 413, "content_too_large"),
            ("", Self.formType, form([("name=\"other\"; filename=\"a\"", "1")]), 422, "file_missing"),
            ("", Self.formType, form([(good, "1"), (good, "2")]), 422, "one_file_only"),
            ("", Self.formType, form([("name=\"file\"", "1")]), 400, "invalid_parameter"),
            ("", Self.formType, form([(good, "1")], end: ""), 400, "truncated_multipart"),
            ("", Self.formType, Array("--xx--\r\n".utf8), 422, "file_missing"),
            ("", Self.formType, [], 400, "truncated_multipart"),
        ]
        for (query, headers, body, status, code) in uploads {
            let answer = try await test.ask("POST", "/\(config)/files\(query)", headers, body: body)
            #expect(answer.status == status, "\(query) \(headers): \(answer.text)")
            #expect(answer.code == code)
            #expect(try test.contents() == [])
        }
        // Not announced, too.
        let chunk = "\(String(tooMuch.count, radix: 16))\r\n\(String(decoding: tooMuch, as: UTF8.self))\r\n0\r\n\r\n"
        let headers = Self.raw.merging(["Transfer-Encoding": "chunked"]) { $1 }
        let chunked = try await test.askRaw("POST", "/\(config)/files?name=a", headers, Array(chunk.utf8))
        #expect(chunked.status == 413)
        #expect(try test.contents() == [])
        #expect(try await test.ask("GET", "/\(config)/files").json["items"] == [])
        // A file of exactly the limit is none too many.
        let most = Array(tooMuch.dropLast())
        #expect(try await test.ask("POST", "/\(config)/files?name=a", Self.raw, body: most).status == 201)
        try await test.stop()
    }

    @Test func `of an upload that breaks off nothing stays`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let head =
            "POST \(API.base)/\(config)/files?name=a.csv HTTP/1.1\r\nHost: test\r\nContent-Type: text/csv\r\n"
            + "Authorization: Bearer \(PlainTokens.administrator)\r\nContent-Length: 1000000\r\n\r\n"
        // The rest never comes: the client closes its side, and the server ends the request.
        let received = try await HTTPExchange(test.address).breakOff(Array(head.utf8) + Array("id\n1\n".utf8))
        #expect(!String(decoding: received, as: UTF8.self).contains("201"))
        try await test.stop()
        #expect(try test.contents() == [])
    }

    @Test(
        arguments: [
            ([], "empty", nil), ([0x50, 0x4B, 3, 4, 1], "compressed", nil), ([0x1F, 0x8B, 8], "compressed", nil),
            ([0xD0, 0xCF, 0x11, 0xE0, 1], "old_workbook", nil), ([0x61, 0, 0x62], "binary", nil),
            ([0x61, 0xFC, 0x62], "not_utf8", "csv"), ([0xFF, 0xFE, 0x61, 0], nil, "csv"),
            (Array("PK\u{3}\u{4}      [Content_Types].xml".utf8), nil, "xlsx"), (Array(" [{}]".utf8), nil, "json"),
            (Array("{\"a\": 1,\n \"b\": 2}".utf8), nil, "json"),
            (Array("{\"a\": 1}\n{\"a\": 2}\n".utf8), nil, "ndjson"),
        ] as [([UInt8], String?, String?)]
    )
    func `the first look says what a file is, and what nobody will be able to read`(
        _ bytes: [UInt8],
        _ code: String?,
        _ format: String?
    ) async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let made = try await test.ask("POST", "/\(config)/files?name=a.csv", Self.raw, body: bytes)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json["findings"]?.arrayValue?.compactMap { $0["code"]?.stringValue } == [code].compactMap(\.self))
        #expect(made.json["format"] == format.map { .string($0) } ?? .null)
        try await test.stop()
    }

    @Test func `a character that the first look cuts is no finding`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        for lead in 0...3 {
            let text = String(repeating: "a", count: lead) + String(repeating: "€", count: 30_000)
            let made = try await test.ask("POST", "/\(config)/files?name=a.csv", Self.raw, body: Array(text.utf8))
            #expect(made.json["findings"] == [], "\(lead)")
        }
        try await test.stop()
    }

    // MARK: - Leftovers

    @Test func `what dead uploads left is ended at the next start, and nothing else is touched`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        _ = try await test.upload("id\n1\n", to: config)
        let whole = try #require(try test.contents().first)
        let tenant = PlainTokens.tenant.description
        // Known, and not in its place yet; unknown; of no tenant; being written by another process.
        let known = try await test.upload("id\n2\n", to: config)
        let moved = try #require(try test.contents().first { $0 != whole })
        #expect(unsafe rename(test.folder.file("files/\(moved)"), test.folder.file("files/\(moved).part")) == 0)
        let dead = "\(tenant)/\(UUID(high: 1, low: 1)).part"
        let alive = "\(tenant)/\(UUID(high: 1, low: 2)).part"
        for name in [dead, alive, "\(tenant)/notes.part", "x.part"] {
            _ = try test.folder.write([1], to: "files/\(name)")
        }
        let writer = try FileDescriptor.open(test.folder.file("files/\(alive)"), O_WRONLY)
        #expect(csystem_lock_exclusively(writer.rawValue) == 0)
        try await FileFolder(test.folder.file("files")).sweep(test.store, log: test.context.log)
        let expected = [whole, moved, alive, "\(tenant)/notes.part", "x.part"]
        #expect(Set(try test.contents()) == Set(expected))
        #expect(try await test.ask("GET", "/\(config)/files/\(known)").status == 200)
        _ = consume writer
        try await FileFolder(test.folder.file("files")).sweep(test.store, log: test.context.log)
        #expect(!(try test.contents()).contains(alive))
        try await FileFolder(test.folder.file("nowhere")).sweep(test.store, log: test.context.log)
        try await test.stop()
    }

    @Test func `whole contents that belong to no file are deleted, unless it is the database that is missing`()
        async throws
    {
        let test = try await TestAPI()
        let config = try await test.config()
        _ = try await test.upload("id\n1\n", to: config)
        let kept = try #require(try test.contents().first)
        let archived = try #require(UUID(try await test.upload("id\n2\n", to: config)))
        // As a process leaves it that dies in the middle of deleting.
        _ = try await test.store.archiveFile(archived, actor: "x", tenant: PlainTokens.tenant, now: .now())
        let tenant = PlainTokens.tenant.description
        let unknown = "\(tenant)/\(UUID(high: 1, low: 1))"
        let others = [
            "\(tenant)/notes", "\(tenant)/ABCDEF00-0000-7000-8000-000000000000",
            "\(PlainTokens.otherTenant)/\(UUID(high: 1, low: 2))",
        ]
        #expect(unsafe mkdir(test.folder.file("files/\(PlainTokens.otherTenant)"), 0o700) == 0)
        for name in [unknown] + others { _ = try test.folder.write([1], to: "files/\(name)") }
        #expect(try test.contents().count == 6)
        try await FileFolder(test.folder.file("files")).sweep(test.store, log: test.context.log)
        #expect(Set(try test.contents()) == Set([kept] + others))
        #expect(test.logLines.contains { $0.contains("knows none of") && $0.contains("\(PlainTokens.otherTenant)") })
        try await test.stop()
    }

    @Test func `a file that can neither get to its place nor be forgotten is there after the next start`() async throws
    {
        let test = try await TestAPI()
        let config = try await test.config()
        try SQLiteConnection(path: test.folder.file("trainflow.db"), mode: .readWrite, settings: .writer).execute(
            """
            CREATE TRIGGER no_archive BEFORE UPDATE ON integration_files BEGIN
                SELECT RAISE(ABORT, 'nothing is archived'); END
            """
        )
        let content = Array("id\n1\n".utf8)
        let head =
            "POST \(API.base)/\(config)/files?name=a.csv HTTP/1.1\r\nHost: test\r\nContent-Type: text/csv\r\n"
            + "Authorization: Bearer \(PlainTokens.administrator)\r\nContent-Length: \(content.count)\r\n"
            + "Expect: 100-continue\r\nConnection: close\r\n\r\n"
        let answer = try await HTTPExchange(test.address).run(Array(head.utf8), content: content) {
            // Something else stands in the content's place.
            let part = try #require(try test.contents().first)
            #expect(unsafe mkdir(test.folder.file("files/\(part.dropLast(5))"), 0o700) == 0)
        }
        #expect(answer.status == 503)
        #expect(answer.code == "files_unavailable", "\(answer.text)")
        let part = try #require(try test.contents().first)
        let key = String(part.dropLast(5))
        #expect(part == key + ".part")
        #expect(unsafe rmdir(test.folder.file("files/\(key)")) == 0)
        try await FileFolder(test.folder.file("files")).sweep(test.store, log: test.context.log)
        #expect(try test.contents() == [key])
        #expect(try test.folder.read("files/\(key)") == content)
        let list = try await test.ask("GET", "/\(config)/files")
        #expect(list.json["items"]?.arrayValue?.map { $0["name"] } == ["a.csv"])
        try await test.stop()
    }

    @Test func `a deleted configuration's files are deleted with it`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let other = try await test.config("Others")
        let file = try await test.upload("id\n1\n", to: config)
        _ = try await test.upload("id\n2\n", to: config)
        let before = try test.contents()
        _ = try await test.upload("id\n3\n", to: other)
        let stays = try test.contents().filter { !before.contains($0) }
        #expect(try await test.ask("DELETE", "/configs/\(config)").status == 204)
        #expect(try test.contents() == stays)
        #expect(stays.count == 1)
        let id = try #require(UUID(file))
        #expect(try await test.store.file(id, tenant: PlainTokens.tenant) == nil)
        try await test.stop()
    }

    // MARK: - Reading

    @Test func `a preview shows the first records, and those that can't be read`() async throws {
        let test = try await TestAPI()
        test.work()
        let config = try await test.config(settings: ["delimiter": ";"])
        let text = "id;name\n1;Ann\n2;\"Ben; B\"\n3;Cem;more\n4;\n5;Eva\n"
        let file = try await test.upload(text, to: config)
        let answer = try await test.ask("POST", "/\(config)/files/\(file)/preview", json: ["limit": 4])
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["source"] == "people.csv")
        #expect(answer.json["locator_kind"] == "line")
        #expect(answer.json["fields"] == [["name": "id", "type": "text"], ["name": "name", "type": "text"]])
        let rows = try #require(answer.json["rows"]?.arrayValue)
        #expect(rows.map { $0["at"] } == [2, 3, 4, 5])
        #expect(rows[1]["values"] == ["id": "2", "name": "Ben; B"])
        #expect(rows[1]["error"] == .null)
        #expect(rows[2]["error"]?["code"]?.stringValue?.isEmpty == false)
        #expect(rows[2]["raw"] == "3;Cem;more")
        let all = try await test.ask("POST", "/\(config)/files/\(file)/preview")
        #expect(all.json["rows"]?.arrayValue?.count == 5)
        for body in [["limit": 0], ["limit": 201], ["limits": 1]] as [JSONValue] {
            #expect(try await test.ask("POST", "/\(config)/files/\(file)/preview", json: body).status == 422)
        }
        let empty = try await test.upload("", to: config, name: "empty.csv")
        #expect(try await test.ask("POST", "/\(config)/files/\(empty)/preview").status == 422)
        try await test.stop()
    }

    @Test func `a preview asks as all do: not a provider that is off, and without a word of the host's paths`()
        async throws
    {
        let test = try await TestAPI()
        let config = try await test.config()
        let file = try await test.upload("id,name\n1,Ann\n", to: config)
        let path = "/\(config)/files/\(file)/preview"
        let headers = ["Idempotency-Key": "k"]
        let first = try await test.ask("POST", path, headers)
        #expect(first.status == 200)
        #expect(try await test.ask("PUT", "/providers/file", json: ["is_enabled": false]).status == 200)
        // People's data is kept under no key: what is asked again is asked anew.
        let off = try await test.ask("POST", path, headers)
        #expect(off.status == 409)
        #expect(off.code == "provider_off")
        #expect(try await test.ask("PUT", "/providers/file", json: ["is_enabled": true]).status == 200)
        let content = try #require(try test.contents().first)
        #expect(unsafe unlink(test.folder.file("files/\(content)")) == 0)
        let gone = try await test.ask("POST", path)
        #expect(gone.status == 503)
        #expect(gone.code == "connector_unusable", "\(gone.text)")
        #expect(!gone.text.contains(test.folder.path))
        #expect(test.logLines.contains { $0.contains(content) })
        try await test.stop()
    }

    @Test func `of a wide file no more is shown than there is room for`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        // 4,000 names of 30 bytes, and 100 rows with hardly a value: nearly all of an answer would be names.
        let names = (0..<4_000).map { "a_rather_long_name_of_a_field_\($0)" }.joined(separator: ",")
        let row = String(repeating: ",", count: 3_999) + "\n"
        let file = try await test.upload(names + "\n" + String(repeating: row, count: 100), to: config)
        let preview = try await test.ask("POST", "/\(config)/files/\(file)/preview", json: ["limit": 100])
        #expect(preview.status == 200, "\(preview.text.prefix(500))")
        #expect((1..<30).contains(preview.json["rows"]?.arrayValue?.count ?? 0))
        #expect(preview.json["fields"]?.arrayValue?.count == 4_000)
        try await test.stop()
    }

    @Test func `a file that a run reads is not deleted, and the run goes on`() async throws {
        let test = try await TestAPI()
        test.work()
        let settings: JSONValue = ["rows": 20, "at": 10, "do": "gate"]
        let config = try await test.config(provider: "test-turns", settings: settings, [TestAPI.turns])
        let gate = try await test.upload("", to: config, name: "gate")
        let other = try await test.upload("x", to: config, name: "other")
        let run = try await test.sync(config, ["file_id": .string(gate)])
        let refused = try await test.ask("DELETE", "/\(config)/files/\(gate)")
        #expect(refused.status == 409)
        #expect(refused.json["run_id"] == .string(run))
        #expect(try await test.ask("DELETE", "/\(config)/files/\(other)").status == 204)
        let content = try #require(try test.contents().first)
        let file = try FileDescriptor.open(test.folder.file("files/\(content)"), O_WRONLY)
        #expect(unsafe Glibc.write(file.rawValue, "x", 1) == 1)
        #expect(try await test.end(of: run)["counts"]?["created"] == 18)
        #expect(try await test.ask("DELETE", "/\(config)/files/\(gate)").status == 204)
        #expect(try test.contents() == [])
        try await test.stop()
    }

    @Test func `a folder that can't be written is 503, and what the disk said stays in the log`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        _ = try test.folder.write([1], to: "files")
        let answer = try await test.ask("POST", "/\(config)/files?name=a", Self.raw, body: [1])
        #expect(answer.status == 503)
        #expect(answer.code == "files_unavailable")
        #expect(!answer.text.contains(test.folder.path))
        #expect(test.logLines.contains { $0.contains("mkdir") || $0.contains("open") })
        try await test.stop()
    }

    // MARK: - Check

    @Test func `a check says what is odd, and writes nothing`() async throws {
        let test = try await TestAPI()
        let config = try await test.config()
        let rows = (0..<40).map { "00\(1000 + $0),Ann \($0)\n" }.joined()
        let file = try await test.upload("id,name\n\(rows)1017,=SUM(1)\n", to: config, name: "people.csv")
        let checked = try await test.ask("POST", "/\(config)/files/\(file)/check")
        #expect(checked.status == 200, "\(checked.text)")
        #expect(checked.json["rows"] == 41)
        #expect(checked.json["is_whole"] == true)
        #expect(checked.json["columns"]?.arrayValue?.map { $0["type"] } == ["integer", "text"])
        let findings = checked.json["findings"]?.arrayValue ?? []
        #expect(findings.map { $0["code"] } == ["lost_zeros", "formulas"])
        #expect(findings.first?["examples"] == [["at": 42, "value": "1017"]])
        #expect(findings.first?["transform_function"] == "padLeft(6, \"0\")")
        let limited = try await test.ask("POST", "/\(config)/files/\(file)/check", json: ["limit": 10])
        #expect(limited.json["rows"] == 10)
        #expect(limited.json["is_whole"] == false)
        #expect(try await test.ask("GET", "/runs").json["items"] == [])
        try await test.stop()
    }
}
