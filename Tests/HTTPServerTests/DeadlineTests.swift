import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A client that is slow` {
    /// Only what a test is about is short, so that a busy machine changes nothing.
    private func settings(_ shorten: (inout ServerSettings) -> Void) -> ServerSettings {
        var settings = ServerSettings.quick
        shorten(&settings)
        return settings
    }

    @Test(arguments: ["", "GET / HT", "GET /echo HTTP/1.1\r\nHost: a\r\nX: "])
    func `with its head is cut`(head: String) async throws {
        let server = try await TestServer(settings { $0.headDeadline = .milliseconds(200) }) { $0.echo() }
        let client = try await server.client()
        await client.send(head)
        #expect(try await client.readToEnd() == "")
        await server.stop()
    }

    @Test func `with its head is cut even when it never pauses for long`() async throws {
        let server = try await TestServer(settings { $0.headDeadline = .milliseconds(200) }) { $0.echo() }
        let client = try await server.client()
        await client.send("GET /echo HTTP/1.1\r\nHost: a\r\n")
        // Byte after byte, each awaited by the server's looking at the clock; it ends because the server cuts.
        var sent = 0
        while await client.drip("x", every: 20) { sent += 1 }
        #expect(sent < 200)
        await server.stop()
    }

    @Test func `between requests is cut`() async throws {
        let server = try await TestServer(settings { $0.idleDeadline = .seconds(3) }) { $0.echo() }
        let client = try await server.client()
        #expect(try await client.ask("GET /echo HTTP/1.1").status == 200)
        #expect(try await client.readToEnd() == "")
        await server.stop()
    }

    @Test(arguments: ["/whole", "/stream"])
    func `with its content is told so`(path: String) async throws {
        let server = try await TestServer(settings { $0.contentGrace = .milliseconds(200) }) {
            $0.echo(.post, "/whole")
            $0.on(.post, "/stream", .upload(limit: -1)) { request in
                for try await _ in request.body {}
                return .text("done")
            }
        }
        let client = try await server.client()
        await client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        let answer = try await client.answer()
        #expect(answer.status == 408)
        await client.leave()
        await server.stop()
    }

    @Test func `is told when the time for the request is over`() async throws {
        let server = try await TestServer(settings { ($0.contentRate, $0.requestDeadline) = (0, .milliseconds(200)) }) {
            $0.echo(.post, "/echo")
        }
        let client = try await server.client()
        await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        #expect(try await client.answer().text.hasPrefix("request_timeout: "))
        await client.leave()
        await server.stop()
    }

    @Test func `at taking its answer is cut`() async throws {
        let server = try await TestServer(settings { $0.idleDeadline = .seconds(3) }) {
            $0.on(.get, "/big") { _ in Response(body: .bytes([UInt8](repeating: 0x61, count: 16 << 20))) }
        }
        let client = try await server.client(receiveBuffer: 4096)
        await client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        let record = await server.told.record(0)
        #expect(!record.isComplete)
        #expect(try await client.countToEnd() < 16 << 20)
        await server.stop()
    }

    @Test func `does not make a slow handler fail`() async throws {
        let go = Waitable<Void>()
        let server = try await TestServer(
            settings {
                ($0.idleDeadline, $0.requestDeadline, $0.contentGrace) = (
                    .seconds(3), .milliseconds(200), .milliseconds(200)
                )
            }
        ) {
            $0.on(.post, "/slow", .upload(limit: -1)) { request in
                await go.value()
                return .text("\(try await request.body.collect(upTo: 1000).count)")
            }
        }
        let client = try await server.client()
        await client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        // Longer than every deadline there is: an upload has none of its own, and the handler's time is free.
        #expect(await client.isQuiet(for: 3500))
        go.add(())
        await client.send("0123456789")
        #expect(try await client.answer().text == "10")
        await server.stop()
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A handler` {
    @Test func `that is slow is cancelled, and its client told`() async throws {
        var settings = ServerSettings.quick
        settings.requestDeadline = .milliseconds(100)
        let cancelled = Waitable<Void>()
        let server = try await TestServer(settings) {
            $0.on(.get, "/forever") { _ in
                await withTaskCancellationHandler {
                    await cancelled.value()
                } onCancel: {
                    cancelled.add(())
                }
                return .text("late")
            }
            var options = RouteOptions()
            options.deadline = .after(.milliseconds(10))
            $0.on(.get, "/shorter", options) { _ in
                await withTaskCancellationHandler {
                    await cancelled.value(1)
                } onCancel: {
                    cancelled.add(())
                }
                return .text("late")
            }
        }
        let client = try await server.client()
        for path in ["/forever", "/shorter"] {
            let answer = try await client.ask("GET \(path) HTTP/1.1")
            #expect(answer.status == 503)
            #expect(answer.text.hasPrefix("deadline_exceeded: "))
        }
        #expect(cancelled.count == 2)
        await server.stop()
    }

    @Test(arguments: [false, true])
    func `is cancelled when its client leaves`(byReset: Bool) async throws {
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
        if byReset { await client.reset() } else { await client.leave() }
        await cancelled.value()
        let record = await server.told.record(0)
        #expect(record.status == 0)
        await server.stop()
    }

    @Test func `hears of its client's leaving while it reads and writes`() async throws {
        let failed = Waitable<String>()
        let server = try await TestServer {
            $0.on(.post, "/read", .upload(limit: -1)) { request in
                do {
                    for try await _ in request.body {}
                } catch {
                    failed.add("\(type(of: error))")
                    throw error
                }
                return .text("done")
            }
            $0.on(.get, "/write") { _ in
                Response(
                    body: .stream { writer in
                        do {
                            while true { try await writer.write([UInt8](repeating: 0x61, count: 100_000)) }
                        } catch {
                            failed.add("\(type(of: error))")
                            throw error
                        }
                    }
                )
            }
        }
        let reader = try await server.client()
        await reader.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        await reader.leave()
        #expect(["ClientGone", "CancellationError"].contains(await failed.value(0)))
        let writer = try await server.client()
        await writer.send("GET /write HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await writer.read(100_000)
        await writer.leave()
        #expect(["ClientGone", "CancellationError"].contains(await failed.value(1)))
        await server.stop()
    }

    @Test func `may give up reading`() async throws {
        let giveUp = Waitable<Void>()
        // It gives up itself, however slow the machine is: no deadline may come before.
        var patient = ServerSettings.quick
        patient.contentGrace = .seconds(60)
        let server = try await TestServer(patient) {
            $0.on(.post, "/impatient", .upload(limit: -1)) { request in
                let reading = Task { try await request.body.collect(upTo: 1000) }
                await giveUp.value()
                reading.cancel()
                let result = await reading.result
                if case .failure(let error) = result { return .text("\(type(of: error))") }
                return .text("read")
            }
        }
        let client = try await server.client()
        await client.send("POST /impatient HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        // The server asks for content when somebody waits for it.
        #expect(try await client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        giveUp.add(())
        #expect(try await client.answer().text == "CancellationError")
        await client.leave()
        await server.stop()
    }

    @Test func `may give up writing`() async throws {
        let (full, result) = (Waitable<Void>(), Waitable<String>())
        var settings = ServerSettings.quick
        settings.idleDeadline = .seconds(600)
        let server = try await TestServer(settings) {
            $0.on(.get, "/rows") { _ in
                Response(
                    body: .stream { writer in
                        let writing = Task {
                            while true {
                                try await writer.write([UInt8](repeating: 0x61, count: 64 << 10))
                                full.add(())
                            }
                        }
                        // More than the system buffers: from then on a write waits for the client.
                        _ = await result.value(0)
                        writing.cancel()
                        if case .failure(let error) = await writing.result { result.add("\(type(of: error))") }
                    }
                )
            }
        }
        let client = try await server.client(receiveBuffer: 4096)
        await client.send("GET /rows HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await client.isSilent(after: { full.count }))
        result.add("cancel")
        #expect(await result.value(1) == "CancellationError")
        await client.leave()
        await server.stop()
    }
}
