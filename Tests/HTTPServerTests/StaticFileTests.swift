import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Static files` {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["assets", "docs", ".git"] { #expect(unsafe mkdir(folder.file(name), 0o755) == 0) }
        for (name, text) in [
            ("index.html", "<html>"), ("assets/index-DiwrgTda.js", "plain js"),
            ("assets/index-DiwrgTda.js.gz", "gzip js"),
            ("assets/index-DiwrgTda.js.br", "brotli js"), ("assets/my-component.css", "css"),
            ("docs/index.html", "docs"),
            ("data.tar.gz", "an archive"), (".secret", "secret"), (".git/config", "secret"), ("empty.txt", ""),
        ] {
            _ = try folder.write(Array(text.utf8), to: name)
        }
        #expect(unsafe symlink("/etc/passwd", folder.file("passwd")) == 0)
        #expect(unsafe symlink("/etc", folder.file("etc")) == 0)
    }

    private func served() async throws -> TestServer {
        let files = try StaticFiles(folder: folder.path)
        return try await TestServer {
            $0.echo()
            $0.otherwise { request in
                if let found = files.response(to: request) { return found }
                return request.target.segments.first == "app" ? files.response("index.html", to: request) : nil
            }
        }
    }

    @Test func `are opened once, without links and hidden ones`() throws {
        let files = try StaticFiles(folder: folder.path)
        #expect(
            files.paths == [
                "assets/index-DiwrgTda.js", "assets/my-component.css", "data.tar.gz", "docs/index.html", "empty.txt",
                "index.html",
            ]
        )
        let error = #expect(throws: ServerError.self) { try StaticFiles(folder: folder.file("none")) }
        #expect(error?.code == .files)
    }

    @Test func `come with their type, tag and lifetime`() async throws {
        let server = try await served()
        let client = try await server.client()
        let page = try await client.ask("GET / HTTP/1.1")
        #expect(page.text == "<html>")
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["cache-control"] == "no-cache")
        #expect(page.headers["vary"] == nil)
        let script = try await client.ask("GET /assets/index-DiwrgTda.js HTTP/1.1")
        #expect(script.text == "plain js")
        #expect(script.headers["cache-control"] == "public, max-age=31536000, immutable")
        #expect(script.headers["vary"] == "Accept-Encoding")
        #expect(try await client.ask("GET /assets/my-component.css HTTP/1.1").headers["cache-control"] == "no-cache")
        #expect(try await client.ask("GET /docs/ HTTP/1.1").text == "docs")
        #expect(try await client.ask("GET /app/runs/7 HTTP/1.1").text == "<html>")
        #expect(try await client.ask("GET /empty.txt HTTP/1.1").text == "")
        #expect(try await client.ask("GET /data.tar.gz HTTP/1.1").headers["content-encoding"] == nil)
        let head = try await client.ask("HEAD /assets/index-DiwrgTda.js HTTP/1.1")
        #expect(head.headers["content-length"] == "8")
        #expect(try await client.ask("GET /echo HTTP/1.1").status == 200)
        await server.stop()
    }

    @Test(
        arguments: [
            ("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("*", "br"), ("*;q=0", nil),
            ("identity", nil),
            ("GZIP;q=0.1", "gzip"), ("br;q=nonsense", nil), ("", nil),
        ] as [(String, String?)]
    )
    func `come in the form that the client takes`(accepted: String, coding: String?) async throws {
        let server = try await served()
        let client = try await server.client()
        await client.send("GET /assets/index-DiwrgTda.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(accepted)\r\n\r\n")
        let answer = try await client.answer()
        #expect(answer.headers["content-encoding"] == coding)
        #expect(answer.text == ["br": "brotli js", "gzip": "gzip js"][coding ?? "", default: "plain js"])
        #expect(answer.headers["content-type"] == "text/javascript; charset=utf-8")
        await server.stop()
    }

    @Test func `are not sent again to who has them`() async throws {
        let server = try await served()
        let client = try await server.client()
        let first = try await client.ask("GET /index.html HTTP/1.1")
        let tag = try #require(first.headers["etag"])
        for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            await client.send("GET /index.html HTTP/1.1\r\nHost: a\r\nIf-None-Match: \(known)\r\n\r\n")
            let again = try await client.answer()
            #expect(again.status == 304, "\(known)")
            #expect(again.headers["etag"] == tag)
        }
        await client.send("GET /index.html HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\n\r\n")
        #expect(try await client.answer().text == "<html>")
        #expect(try StaticFiles(folder: folder.path).paths.count == 6)
        await server.stop()
    }

    @Test(
        arguments: [
            "/etc/passwd", "/passwd", "/etc", "//etc/passwd", "/assets/..%2f..%2fetc/passwd", "/..%2f..%2fetc%2fpasswd",
            "/%2fetc/passwd", "/.secret", "/.git/config", "/assets", "/assets%2findex-DiwrgTda.js", "/index.html%00.js",
            "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%252e%252e/etc/passwd", "/..;/etc/passwd",
            "/assets/./x",
            "/assets/index-DiwrgTda.js.br", "/index.html/", "/proc/self/environ", "/..\\..\\etc\\passwd",
        ])
    func `never reach out of their folder`(path: String) async throws {
        let server = try await served()
        let client = try await server.client()
        let answer = try await client.ask("GET \(path) HTTP/1.1")
        #expect([400, 404].contains(answer.status))
        #expect(!answer.text.contains("root:") && !answer.text.contains("secret\n"))
        await client.leave()
        await server.stop()
    }

    @Test func `of any size come whole`() async throws {
        let big = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        _ = try folder.write(big, to: "big.bin")
        let server = try await served()
        async let first = server.client().ask("GET /big.bin HTTP/1.1")
        async let second = server.client().ask("GET /big.bin HTTP/1.1")
        #expect(try await first.body == big)
        #expect(try await second.body == big)
        await server.stop()
    }
}
