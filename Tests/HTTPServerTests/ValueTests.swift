import HTTPServer
import JSON
import Log
import Synchronization
import Testing
import Time

@Suite(.timeLimit(.minutes(1))) struct `A request target` {
    @Test(
        arguments: [
            ("/", [], ""), ("/a", ["a"], ""), ("/a/", ["a", ""], ""), ("//a", ["", "a"], ""),
            ("/a%2Fb/%25", ["a/b", "%"], ""),
            ("/%C3%A4?%C3%A4=%E2%82%AC", ["ä"], "ä=€"), ("/a+b?a+b=c%2Bd", ["a+b"], "a b=c+d"),
            ("/?a&b=&=c&&a=1=2", [], "a=|b=|=c|a=1=2"), ("http://h:1/a?b=1", ["a"], "b=1"),
            ("HTTPS://h?b=1", [], "b=1"),
            ("/a;v=1/...", ["a;v=1", "..."], ""), ("/%252e%252e", ["%2e%2e"], ""),
        ] as [(String, [String], String)]
    )
    func `is split first, and decoded once`(text: String, segments: [String], query: String) throws {
        let target = try RequestTarget(parsing: text)
        #expect(target.segments == segments)
        #expect(target.query.map { "\($0.name)=\($0.value)" }.joined(separator: "|") == query)
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A router` {
    private func matched(_ patterns: [String], _ method: HTTPServer.Method, _ path: String) async throws -> String {
        let server = try await TestServer { router in
            for pattern in patterns {
                let parts = pattern.split(separator: " ")
                router.on(Method(String(parts[0])), String(parts[1])) { request in
                    .text("\(pattern) \(request.captures.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
                }
            }
        }
        let answer = try await server.client().ask("\(method) \(path) HTTP/1.1")
        await server.stop()
        return answer.status == 200 ? answer.text : "\(answer.status) \(answer.headers["allow"] ?? "")"
    }

    @Test func `prefers literals, and turns back where they lead nowhere`() async throws {
        let patterns = [
            "GET /configs/{id}", "POST /configs/import", "GET /configs/import/{x}", "GET /{kind}/{id}/files",
            "PUT /configs/{name}",
        ]
        #expect(try await matched(patterns, .get, "/configs/import") == "405 OPTIONS, POST")
        #expect(try await matched(patterns, .post, "/configs/import") == "POST /configs/import []")
        #expect(try await matched(patterns, .get, "/configs/import/1") == #"GET /configs/import/{x} ["x=1"]"#)
        #expect(
            try await matched(patterns, .get, "/configs/9/files") == #"GET /{kind}/{id}/files ["id=9", "kind=configs"]"#
        )
        #expect(try await matched(patterns, .put, "/configs/9") == #"PUT /configs/{name} ["name=9"]"#)
        #expect(try await matched(patterns, .delete, "/configs/import") == "405 OPTIONS, POST")
        #expect(try await matched(patterns, .delete, "/configs/9") == "405 GET, HEAD, OPTIONS, PUT")
        #expect(try await matched(patterns, .get, "/configs//files") == "404 ")
    }

    @Test func `lists its routes`() {
        var router = Router()
        router.echo(.get, "/a/{id}")
        router.immediately(.get, "/healthz") { _ in .text("ok") }
        #expect(router.routes.map { "\($0.method) \($0.pattern)" } == ["GET /a/{id}", "GET /healthz"])
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Headers by name` {
    @Test func `don't mind case, and keep their number`() {
        var headers: Headers = ["Accept": "a, b", "ACCEPT": ",c ,", "x": "1"]
        #expect(headers["accept"] == "a, b")
        #expect(headers.all("Accept") == ["a, b", ",c ,"])
        #expect(headers.list("accept") == ["a", "b", "c"])
        headers["X"] = "2"
        #expect(headers.all("x") == ["2"])
        headers["x"] = nil
        #expect(!headers.contains("X"))
    }
}

@Suite(.timeLimit(.minutes(1))) struct `Deadlines as values` {
    private let start = ContinuousClock.now

    @Test func `count the time in which content was awaited`() {
        var settings = ServerSettings()
        settings.contentRate = 1000
        settings.contentGrace = .seconds(2)
        var pace = Pace()
        func looks(_ seconds: Int, _ received: Int64) -> Bool {
            pace.isTooSlow(after: .seconds(seconds), received: received, settings)
        }
        let results = [looks(1, 0), looks(1, 0), looks(1, 2999)]
        #expect(results == [false, false, true])
        pace = Pace()
        let others = [looks(5, 5000), looks(5, 9999)]
        #expect(others == [false, true])
    }

    @Test func `give a head its time from its beginning`() {
        let settings = ServerSettings()
        var quiet = Quiet(now: start)
        #expect(!quiet.isTooLong(now: start + .seconds(10), settings))
        #expect(quiet.isTooLong(now: start + .seconds(11), settings))
        quiet.answered(now: start)
        #expect(!quiet.isTooLong(now: start + .seconds(40), settings))
        #expect(quiet.isTooLong(now: start + .seconds(41), settings))
        quiet.lineRead(now: start + .seconds(30))
        #expect(!quiet.isTooLong(now: start + .seconds(40), settings))
        #expect(quiet.isTooLong(now: start + .seconds(41), settings))
    }

    @Test func `let some lines through and count the others`() {
        var valve = LogValve(limit: 2, now: start)
        let first = (0..<5).map { valve.lines(for: "\($0)", now: start) }
        #expect(first == [["0"], ["1"], [], [], []])
        let later = valve.lines(for: "5", now: start + .seconds(60))
        #expect(later == ["3 more lines of this kind were left out", "5"])
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A request's log line` {
    private final class Lines: LogSink {
        let all = Mutex<[String]>([])
        func write(_ line: [UInt8]) { all.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    @Test func `holds what one looks for`() {
        let lines = Lines()
        let logger = Logger(level: .info, sink: lines)
        var record = AccessRecord(
            method: .get,
            route: "/configs/{id}",
            status: 200,
            bytes: 12,
            duration: .microseconds(1250),
            requestID: "r-1",
            remoteAddress: "127.0.0.1",
            isComplete: true
        )
        record.log(to: logger)
        record.route = "/healthz"
        record.log(to: logger, quietRoutes: ["/healthz"])
        record.status = 503
        record.log(to: logger, quietRoutes: ["/healthz"])
        let all = lines.all.withLock { $0 }
        #expect(all.count == 2)
        #expect(
            all[0].contains(
                #""method":"GET","route":"/configs/{id}","status":200,"bytes":12,"ms":1.2,"request_id":"r-1""#
            )
        )
        #expect(all[1].contains("warning"))
    }
}
