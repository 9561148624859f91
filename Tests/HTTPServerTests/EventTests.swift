import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Server-sent events` {
    @Test func `come as they are sent`() async throws {
        let go = Waitable<Void>()
        let server = try await TestServer {
            $0.on(.get, "/events") { _ in
                .events { stream in
                    try await stream.retry(after: 500)
                    await go.value(0)
                    try await stream.send(event: "progress", id: "1", data: "half\nway")
                    await go.value(1)
                    try await stream.comment("end\rX: 1")
                }
            }
        }
        let client = try await server.client()
        await client.send("GET /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let head = try await client.read(through: "\r\n\r\n")
        #expect(head.contains("Content-Type: text/event-stream\r\n"))
        #expect(try await client.read(through: "retry: 500\n\n").hasSuffix("retry: 500\n\n"))
        go.add(())
        let event = try await client.read(through: "way\n\n")
        #expect(event.hasSuffix("event: progress\nid: 1\ndata: half\ndata: way\n\n"))
        go.add(())
        #expect(try await client.readToEnd().hasSuffix(":end\n:X: 1\n\n\r\n0\r\n\r\n"))
        await server.stop()
    }

    @Test func `never let a name end its line`() async throws {
        let server = try await TestServer {
            $0.on(.get, "/events") { _ in
                .events { stream in
                    try await stream.send(data: "first")
                    try await stream.send(event: "a\rdata: forged", data: "second")
                }
            }
        }
        let client = try await server.client()
        await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        let all = try await client.readToEnd()
        #expect(all.contains("data: first"))
        #expect(!all.contains("forged"))
        #expect(await server.told.notices.value().contains("one line each"))
        await server.stop()
    }

    @Test func `may come from several tasks, also when the client is slow`() async throws {
        let server = try await TestServer {
            $0.on(.get, "/events") { _ in
                .events { stream in
                    try await withThrowingTaskGroup { group in
                        for number in 0..<8 {
                            group.addTask {
                                let data = String(repeating: "\(number)", count: 100_000)
                                for _ in 0..<10 { try await stream.send(data: data) }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
        let client = try await server.client(receiveBuffer: 4096)
        await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try await client.answer()
        #expect(answer.body.count == 80 * 100_008)
        await server.stop()
    }

    @Test func `show that they begin before the first one`() async throws {
        let never = Waitable<Void>()
        let server = try await TestServer {
            $0.on(.get, "/events") { _ in
                .events { _ in
                    await withTaskCancellationHandler {
                        await never.value()
                    } onCancel: {
                        never.add(())
                    }
                }
            }
        }
        let client = try await server.client()
        await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.read(through: "\r\n\r\n")
        #expect(never.count == 0)
        await server.stop()
    }

    @Test func `keep a silent connection open with comments`() async throws {
        var settings = ServerSettings.quick
        settings.heartbeat = .milliseconds(500)
        // Long enough for a busy machine to begin the answer; the comments go on beyond it.
        settings.requestDeadline = .seconds(10)
        let never = Waitable<Void>()
        let server = try await TestServer(settings) {
            $0.on(.get, "/events") { _ in
                .events { _ in
                    await withTaskCancellationHandler {
                        await never.value()
                    } onCancel: {
                        never.add(())
                    }
                }
            }
        }
        let client = try await server.client()
        await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<22 { _ = try await client.read(through: ":\n\n") }
        await client.leave()
        await never.value()
        await server.stop()
    }

    @Test func `reach many clients, and end when the server does`() async throws {
        let (joined, rings, ended) = (Waitable<Void>(), Waitable<Void>(), Waitable<Void>())
        let server = try await TestServer {
            $0.on(.get, "/events") { _ in
                .events { stream in
                    joined.add(())
                    await rings.value()
                    do {
                        try await stream.send(data: "ring")
                        while true { try await stream.send(data: "on"); try await Task.sleep(for: .seconds(60)) }
                    } catch {
                        ended.add(())
                        throw error
                    }
                }
            }
        }
        var clients: [Client] = []
        for _ in 0..<100 {
            let client = try await server.client()
            await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.append(client)
        }
        _ = await joined.value(99)
        rings.add(())
        for client in clients { _ = try await client.read(through: "data: ring\n\n") }
        await server.server.shutdown(within: .seconds(30))
        for client in clients { #expect(try await !client.readToEnd().hasSuffix("0\r\n\r\n")) }
        _ = await ended.value(99)
    }

    @Test func `whose reader has left end in an instant`() async throws {
        let ended = Waitable<Void>()
        var settings = ServerSettings()
        // No sweep comes to help.
        settings.sweepInterval = .seconds(600)
        let server = try await TestServer(settings) {
            $0.on(.get, "/events") { _ in
                .events { _ in
                    await withTaskCancellationHandler {
                        await ended.value()
                    } onCancel: {
                        ended.add(())
                    }
                }
            }
        }
        let client = try await server.client()
        await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.read(through: "\r\n\r\n")
        await client.leave()
        await ended.value()
        await server.stop()
    }
}
