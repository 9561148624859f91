import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Content` {
    @Test func `is asked for only when the handler wants it`() async throws {
        let server = try await TestServer {
            $0.on(.post, "/refuse", .upload(limit: 1 << 30)) { _ in .text("no", status: 401) }
            $0.on(.post, "/take", .upload(limit: 1 << 30)) { .text("\(try await $0.body.collect(upTo: 100).count)") }
        }
        let head = "HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        let refused = try await server.client()
        await refused.send("POST /refuse \(head)")
        let answer = try await refused.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nno"))
        await refused.leave()
        let taken = try await server.client()
        await taken.send("POST /take \(head)")
        #expect(try await taken.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        await taken.send("hello")
        #expect(try await taken.answer().text == "5")
        await server.stop()
    }

    @Test func `above the limit is refused by its length, before it comes`() async throws {
        let server = try await TestServer { $0.echo(.post, "/echo") }
        for expect in ["", "Expect: 100-continue\r\n"] {
            let client = try await server.client()
            await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000000\r\n\(expect)\r\n")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("content_too_large: "))
        }
        await server.stop()
    }

    @Test(arguments: ["/whole", "/stream"])
    func `above the limit is refused by its count, while it comes`(path: String) async throws {
        let server = try await TestServer {
            $0.echo(.post, "/whole")
            $0.on(.post, "/stream", .upload(limit: 1 << 20)) { request in
                var count = 0
                for try await piece in request.body { count += piece.count }
                return .text("\(count)")
            }
        }
        let client = try await server.client()
        await client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x61, count: 1 << 16) + Array("\r\n".utf8)
        for _ in 0..<64 where await !client.send(chunk) { break }
        let answer = try await client.answer()
        #expect(answer.status == 413)
        #expect(answer.text.hasPrefix("content_too_large: "))
        #expect(try await client.readToEnd() == "")
        await client.leave()
        #expect(await server.told.record(0).status == 413)
        await server.stop()
    }

    @Test func `of a refused request is read and forgotten when it is short`() async throws {
        let server = try await TestServer { $0.echo() }
        let client = try await server.client()
        await client.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(try await client.answer().status == 404)
        #expect(try await client.ask("GET /echo HTTP/1.1").status == 200)
        await server.stop()
    }

    /// In a process of its own, so that the memory is this upload's.
    @Test(.disabled(if: isSanitized, "a sanitizer keeps freed memory"))
    func `waits in the client while the handler is slow`() async throws {
        await #expect(processExitsWith: .success) {
            let go = Waitable<Void>()
            let (piece, pieces) = ([UInt8](repeating: 7, count: 1 << 20), 200)
            let server = try await TestServer {
                $0.on(.post, "/upload", .upload(limit: -1)) { request in
                    var count = 0
                    for try await piece in request.body {
                        if count == 0 { await go.value() }
                        count += piece.count
                    }
                    return .text("\(count)")
                }
            }
            let client = try await server.client()
            await client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: \(pieces << 20)\r\n\r\n")
            let before = try memory()
            var taken = 0
            while taken < pieces << 20, case let some = await client.sendUntilStuck(piece), some > 0 { taken += some }
            precondition(taken < 32 << 20, "the server and the system took \(taken) bytes")
            let held = try memory() - before
            precondition(held < 8 << 20, "held back, an upload takes \(held) bytes of memory")
            go.add(())
            while taken < pieces << 20 {
                let some = min(piece.count, pieces << 20 - taken)
                await client.send(Array(piece[..<some]))
                taken += some
            }
            let answer = try await client.answer().text
            precondition(answer == "\(pieces << 20)", answer)
            let after = try memory() - before
            precondition(after < 8 << 20, "an upload takes \(after) bytes of memory")
            await server.stop()
        }
    }

    @Test func `that isn't read to its end does not keep the client from its answer`() async throws {
        let server = try await TestServer {
            $0.on(.post, "/check", .upload(limit: -1)) { request in
                for try await _ in request.body { break }
                return .text(String(repeating: "row 3 is bad\n", count: 100_000), status: 422)
            }
        }
        let client = try await server.client()
        await client.send("POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: \(64 << 20)\r\n\r\n")
        // The client sends all before it looks: what it can't get rid of must not reset the connection.
        await client.send([UInt8](repeating: 0x61, count: 4 << 20))
        let answer = try await client.answer()
        #expect(answer.status == 422)
        #expect(answer.body.count == 1_300_000)
        #expect(answer.headers["connection"] == "close")
        await client.leave()
        #expect(await server.told.record(0).isComplete)
        await server.stop()
    }

    @Test func `that stops coming does not keep the client from its answer`() async throws {
        let server = try await TestServer {
            $0.on(.post, "/check", .upload(limit: -1)) { request in
                for try await _ in request.body { break }
                return .text("bad", status: 422)
            }
        }
        let client = try await server.client()
        await client.send("POST /check HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        #expect(try await client.answer().text == "bad")
        await client.leave()
        await server.stop()
    }

    @Test func `left unread is skipped before a streamed answer`() async throws {
        let server = try await TestServer {
            $0.on(.post, "/stream", .upload(limit: -1)) { _ in
                Response(body: .stream { try await $0.write("streamed") })
            }
            $0.echo()
        }
        let client = try await server.client()
        await client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        await client.send([UInt8](repeating: 0x61, count: 200_000))
        #expect(try await client.answer().text == "streamed")
        #expect(try await client.ask("GET /echo HTTP/1.1").status == 200)
        await server.stop()
    }

    @Test func `streamed out waits for the client`() async throws {
        let written = Waitable<Int>()
        let total = 64 << 20
        let server = try await TestServer {
            $0.on(.get, "/rows") { _ in
                Response(
                    body: .stream { writer in
                        let piece = [UInt8](repeating: 0x61, count: 64 << 10)
                        for number in 1...(total >> 16) {
                            try await writer.write(piece)
                            written.add(number)
                        }
                    }
                )
            }
        }
        let client = try await server.client(receiveBuffer: 64 << 10)
        await client.send("GET /rows HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.read(through: "\r\n\r\n")
        // What the system buffers, and the high-water mark, are less than a third.
        #expect(await client.isSilent(after: { written.count }))
        #expect(written.count < (total >> 16) / 3)
        await client.send("GET /rows HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try await client.countToEnd() > 2 * total)
        #expect(await server.told.record(1).bytes == Int64(total))
        await server.stop()
    }

    @Test func `that breaks off is never taken for whole`() async throws {
        let server = try await TestServer {
            $0.on(.get, "/rows") { _ in
                Response(
                    body: .stream { writer in
                        try await writer.write("half")
                        throw Trouble()
                    }
                )
            }
        }
        let client = try await server.client()
        await client.send("GET /rows HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try await client.readToEnd()
        #expect(!answer.hasSuffix("0\r\n\r\n"))
        #expect(await server.told.notices.value().contains("the answer broke off: Trouble()"))
        #expect(await !server.told.record(0).isComplete)
        await server.stop()
    }
}

private let isSanitized = unsafe dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

/// The bytes of this process that are in memory.
private func memory() throws -> Int {
    let file = unsafe fopen("/proc/self/statm", "r")
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    _ = unsafe fgets(&line, 200, file)
    let fields = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return try #require(Int(fields[1])) * 4096
}
