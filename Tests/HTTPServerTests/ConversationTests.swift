import HTTPServer
import TestSupport
import Testing

@Suite struct `A server` {
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
        await server.stop()
    }
}
