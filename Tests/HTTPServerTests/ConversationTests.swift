import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A server` {
    @Test func `answers, and keeps the connection`() async throws {
        let server = try await TestServer { $0.echo(.get, "/items/{id}") }
        let client = try await server.client()
        let first = try await client.ask("GET /items/7?a=1&a=%20x+y HTTP/1.1")
        #expect(first.status == 200)
        #expect(first.text == #"GET ["id=7"] ["a=1", "a= x y"] "#)
        #expect(first.headers["x-request-id"]?.isEmpty == false)
        #expect(first.headers["connection"] == nil)
        let second = try await client.ask("GET /items/a%2Fb HTTP/1.1")
        #expect(second.text == #"GET ["id=a/b"] [] "#)
        #expect(await server.told.record(1).route == "/items/{id}")
        await server.stop()
        #expect(try await client.readToEnd() == "")
    }

    @Test func `answers pipelined requests in their order`() async throws {
        let server = try await TestServer { $0.echo(.get, "/{n}") }
        let client = try await server.client()
        await client.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for number in 0..<20 {
            #expect(try await client.answer().text == #"GET ["n=\#(number)"] [] "#)
        }
        await server.stop()
    }

    @Test func `takes content with a length and in chunks`() async throws {
        let server = try await TestServer { $0.echo(.post, "/echo") }
        let client = try await server.client()
        await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(try await client.answer().text == "POST [] [] hello")
        await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        await client.send("3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: t\r\n\r\n")
        #expect(try await client.answer().text == "POST [] [] hello")
        await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        #expect(try await client.answer().text == "POST [] [] ")
        await server.stop()
    }

    @Test func `answers HEAD like GET, without the content`() async throws {
        let server = try await TestServer {
            $0.echo()
            $0.on(.get, "/stream") { _ in
                Response(body: .stream { _ in Issue.record("the content of a HEAD is produced") })
            }
        }
        let client = try await server.client()
        let whole = try await client.ask("HEAD /echo HTTP/1.1")
        #expect(whole.headers["content-length"] == "\("HEAD [] [] ".utf8.count)")
        // What follows shows that not a byte of content came.
        #expect(try await client.ask("GET /echo HTTP/1.1").text == "GET [] [] ")
        #expect(await server.told.record(0).bytes == 0)
        await client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        let streamed = try await client.readToEnd()
        #expect(streamed.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(streamed.hasSuffix("\r\n\r\n"))
        #expect(!streamed.contains("0\r\n\r\n") && !streamed.contains("Content-Length"))
        await server.stop()
    }

    @Test func `tells a wrong method from a wrong address`() async throws {
        let server = try await TestServer {
            $0.echo(.get, "/items/{id}")
            $0.echo(.delete, "/items/{id}")
        }
        let client = try await server.client()
        let wrong = try await client.ask("POST /items/1 HTTP/1.1")
        #expect(wrong.status == 405)
        #expect(wrong.headers["allow"] == "DELETE, GET, HEAD, OPTIONS")
        for address in ["/", "/items", "/items/", "/items/1/", "//items/1"] {
            #expect(try await client.ask("GET \(address) HTTP/1.1").status == 404, "\(address)")
        }
        let options = try await client.ask("OPTIONS /items/1 HTTP/1.1")
        #expect(options.status == 204)
        #expect(options.headers["allow"] == "DELETE, GET, HEAD, OPTIONS")
        #expect(try await client.ask("OPTIONS * HTTP/1.1").status == 204)
        await server.stop()
    }

    @Test func `reads whole URLs, and HTTP/1.0 without a host`() async throws {
        let server = try await TestServer { $0.echo() }
        let client = try await server.client()
        #expect(try await client.ask("GET http://elsewhere/echo?q=1 HTTP/1.1").text == #"GET [] ["q=1"] "#)
        await client.send("GET /echo HTTP/1.0\r\n\r\n")
        #expect(try await client.readToEnd().hasSuffix("\r\n\r\nGET [] [] "))
        await server.stop()
    }

    @Test func `listens on a Unix socket, and replaces a dead one only`() async throws {
        let folder = try TemporaryFolder()
        let place = ListenAddress.unix(path: folder.file("s"))
        let first = try await TestServer(on: place) { $0.echo() }
        #expect(try await first.client().ask("GET /echo HTTP/1.1").status == 200)
        let error = await #expect(throws: ServerError.self) { try await TestServer(on: place) { $0.echo() } }
        #expect(error?.code == .listen)
        #expect(try await first.client().ask("GET /echo HTTP/1.1").status == 200)
        await first.stop()
        #expect(!folder.exists("s"))
        _ = try folder.write(Array("a file".utf8), to: "s")
        await #expect(throws: ServerError.self) { try await TestServer(on: place) { $0.echo() } }
        #expect(try folder.read("s") == Array("a file".utf8))
    }

    @Test func `says why it can't listen`() async throws {
        let server = try await TestServer { $0.echo() }
        let port = try #require(server.address.port)
        let error = await #expect(throws: ServerError.self) {
            try await TestServer(on: .internet(host: "127.0.0.1", port: port)) { $0.echo() }
        }
        #expect(error?.message == "can't listen on 127.0.0.1 port \(port): bind: Address already in use")
        await server.stop()
    }

    @Test func `takes over a socket that listens already`() async throws {
        let (descriptor, address) = try inheritedSocket()
        let server = try await TestServer(on: .descriptor(descriptor)) { $0.echo() }
        #expect(server.address == address)
        #expect(try await server.client().ask("GET /echo HTTP/1.1").status == 200)
        await server.stop()
        #expect(ListenAddress.inherited(environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"]) == nil)
        #expect(ListenAddress.inherited(environment: [:]) == nil)
    }

    @Test func `takes the client's request id only if it is a plain one`() async throws {
        let server = try await TestServer { $0.on(.get, "/") { .text($0.id) } }
        let client = try await server.client()
        await client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1.2_3\r\n\r\n")
        let own = try await client.answer()
        #expect(own.text == "abc-1.2_3")
        #expect(own.headers["x-request-id"] == "abc-1.2_3")
        await client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: <script>\r\n\r\n")
        #expect(try await !client.answer().text.contains("<"))
        await server.stop()
    }

    @Test func `takes heads up to its own limits`() async throws {
        let server = try await TestServer { $0.on(.get, "/{x}") { .text("\($0.headers.fields.count)") } }
        let client = try await server.client()
        let target = String(repeating: "a", count: 4095)
        let fields = (10..<109).map { "X-\($0): \(String(repeating: "b", count: 73))\r\n" }.joined()
        await client.send("GET /\(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        let answer = try await client.answer()
        #expect(answer.text == "100")
        await server.stop()
    }

    @Test func `believes proxies that it knows, and nobody else`() async throws {
        let server = try await TestServer {
            $0.on(.get, "/known") { .text($0.clientAddress { $0 == "127.0.0.1" || $0 == "10.0.0.2" }) }
            $0.on(.get, "/unknown") { .text($0.clientAddress { _ in false }) }
        }
        let client = try await server.client()
        let forwarded = "HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 1.2.3.4\r\nX-Forwarded-For: 10.0.0.2\r\n\r\n"
        await client.send("GET /known \(forwarded)")
        #expect(try await client.answer().text == "1.2.3.4")
        await client.send("GET /unknown \(forwarded)")
        #expect(try await client.answer().text == "127.0.0.1")
        #expect(try await client.ask("GET /known HTTP/1.1").text == "127.0.0.1")
        await server.stop()
    }

    @Test func `turns what a handler throws into an answer`() async throws {
        let server = try await TestServer {
            $0.on(.get, "/trouble") { _ in throw Trouble() }
            $0.on(.get, "/refusal") { _ in throw Refusal(429, "too_many", "Wait.") }
            $0.on(.get, "/split") { _ in Response(headers: ["X-Name": "a\r\nX-Evil: 1"]) }
            $0.on(.get, "/framing") { _ in
                Response(headers: ["Content-Length": "99", "Transfer-Encoding": "gzip"], body: .bytes([0x61]))
            }
        }
        let client = try await server.client()
        #expect(try await client.ask("GET /trouble HTTP/1.1").text == "failed: Trouble")
        #expect(try await client.ask("GET /refusal HTTP/1.1").text == "too_many: Wait.")
        let split = try await client.ask("GET /split HTTP/1.1")
        #expect(split.status == 500)
        #expect(split.headers["x-evil"] == nil)
        #expect(try await client.ask("GET /framing HTTP/1.1").text == "a")
        await server.stop()
    }

    @Test func `reports each request without what may be secret`() async throws {
        let server = try await TestServer {
            $0.echo(.get, "/items/{id}")
            $0.immediately(.get, "/healthz") { _ in .text("ok") }
        }
        let client = try await server.client()
        _ = try await client.ask("GET /items/7?token=secret HTTP/1.1")
        _ = try await client.ask("GET /healthz HTTP/1.1")
        _ = try await client.ask("GET /nowhere HTTP/1.1")
        let record = await server.told.record(0)
        #expect(record.method == .get)
        #expect(record.route == "/items/{id}")
        #expect(record.status == 200)
        #expect(record.bytes == Int64(#"GET ["id=7"] ["token=secret"] "#.utf8.count))
        #expect(record.remoteAddress == "127.0.0.1")
        #expect(record.isComplete)
        #expect(!String(reflecting: record).contains("secret"))
        #expect(await server.told.record(1).route == "/healthz")
        #expect(await server.told.record(2).status == 404)
        await server.stop()
    }

    @Test(arguments: [1, 4]) func `hears clients again after it was full`(limit: Int) async throws {
        var settings = ServerSettings.quick
        settings.connections = limit
        // No sweep comes to help.
        settings.sweepInterval = .seconds(600)
        let server = try await TestServer(settings) { $0.echo() }
        for _ in 0..<3 {
            var clients: [Client] = []
            for _ in 0..<limit {
                let client = try await server.client()
                #expect(try await client.ask("GET /echo HTTP/1.1").status == 200)
                clients.append(client)
            }
            let waiting = try await server.client()
            await waiting.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            for client in clients { await client.leave() }
            #expect(try await waiting.answer().status == 200)
            await waiting.leave()
        }
        await server.stop()
    }

    @Test func `lets requests at hand be answered before it ends`() async throws {
        let (arrived, go) = (Waitable<Void>(), Waitable<Void>())
        let server = try await TestServer {
            $0.on(.get, "/slow") { _ in
                arrived.add(())
                await go.value()
                return .text("done")
            }
        }
        let client = try await server.client()
        await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        await arrived.value()
        async let stopped: Void = server.stop()
        // The listening socket closes first: from then on nobody connects.
        await client.knockUntilRefused(at: server.address)
        go.add(())
        let answer = try await client.answer()
        #expect(answer.text == "done")
        #expect(answer.headers["connection"] == "close")
        await stopped
        #expect(try await client.readToEnd() == "")
    }

    @Test func `cuts what isn't answered when the grace is over`() async throws {
        let (arrived, cancelled) = (Waitable<Void>(), Waitable<Void>())
        let server = try await TestServer {
            $0.on(.get, "/forever") { _ in
                arrived.add(())
                await withTaskCancellationHandler {
                    await cancelled.value()
                } onCancel: {
                    cancelled.add(())
                }
                return .text("late")
            }
        }
        let client = try await server.client()
        await client.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n")
        await arrived.value()
        await server.server.shutdown(within: .milliseconds(50))
        await cancelled.value()
        #expect(try await client.readToEnd() == "")
        let record = await server.told.record(0)
        #expect(record.status == 0)
        #expect(!record.isComplete)
    }

    @Test func `ends after handlers whose clients have gone`() async throws {
        let (arrived, cancelled, mayEnd) = (Waitable<Void>(), Waitable<Void>(), Waitable<Void>())
        let isCleanedUp = Atomic(false)
        let server = try await TestServer {
            $0.on(.get, "/forever") { _ in
                arrived.add(())
                await withTaskCancellationHandler {
                    _ = await mayEnd.value()
                } onCancel: {
                    cancelled.add(())
                }
                for _ in 0..<10 { await Task.yield() }
                isCleanedUp.store(true, ordering: .relaxed)
                return .text("late")
            }
        }
        let client = try await server.client()
        await client.send("GET /forever HTTP/1.1\r\nHost: a\r\n\r\n")
        await arrived.value()
        await client.leave()
        await cancelled.value()
        async let down: Void = server.stop()
        mayEnd.add(())
        await down
        let isClean = isCleanedUp.load(ordering: .relaxed)
        #expect(isClean)
    }
}
