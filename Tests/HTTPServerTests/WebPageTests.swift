import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The web page` {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        #expect(unsafe mkdir(folder.file("assets"), 0o755) == 0)
        let mark = WebPage.nonceMark
        for (name, text) in [
            ("index.html", "<a nonce=\"\(mark)\"><b nonce='\(mark)'>"), ("assets/index-DiwrgTda.js", "script"),
            ("robots.txt", "robots"), ("first.js", "first"),
        ] {
            _ = try folder.write(Array(text.utf8), to: name)
        }
    }

    private func served() async throws -> TestServer {
        let page = try WebPage(folder: folder.path)
        return try await TestServer {
            $0.echo()
            $0.otherwise { page.response(to: $0) }
        }
    }

    /// The nonce that the header names, or nil.
    private func named(in policy: String?) -> String? {
        policy?.split(separator: "'nonce-").dropFirst().first?.split(separator: "'").first.map(String.init)
    }

    @Test(
        arguments: [
            "/", "/index.html", "/integrations", "/runs/0198c0de-0000-7000-8000-000000000001", "/a/b?next=/c.d", "/x/",
        ]
    )
    func `answers its own addresses, each with a nonce of its own`(path: String) async throws {
        let server = try await served()
        let client = try await server.client()
        var nonces: Set<String> = []
        for _ in 0..<3 {
            let answer = try await client.ask("GET \(path) HTTP/1.1")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["etag"] == nil)
            let nonce = try #require(named(in: answer.headers["content-security-policy"]))
            #expect(nonce.utf8.count == 32)
            #expect(answer.text == "<a nonce=\"\(nonce)\"><b nonce='\(nonce)'>")
            nonces.insert(nonce)
        }
        #expect(nonces.count == 3)
        await server.stop()
    }

    @Test func `lets nothing in that is not its own`() async throws {
        let server = try await served()
        let client = try await server.client()
        let answer = try await client.ask("GET / HTTP/1.1")
        let policy = try #require(answer.headers["content-security-policy"])
        #expect(policy.hasPrefix("default-src 'self'; style-src 'self' 'nonce-"))
        for part in ["object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
            #expect(policy.contains(part))
        }
        for word in ["unsafe", "data:", "*", "http"] { #expect(!policy.contains(word), "\(word)") }
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["referrer-policy"] == "no-referrer")
        #expect(answer.headers["cross-origin-opener-policy"] == "same-origin")
        await server.stop()
    }

    @Test func `has files, kept by browsers where their name tells their content`() async throws {
        let server = try await served()
        let client = try await server.client()
        let script = try await client.ask("GET /assets/index-DiwrgTda.js HTTP/1.1")
        #expect(script.text == "script")
        #expect(script.headers["cache-control"] == "public, max-age=31536000, immutable")
        let robots = try await client.ask("GET /robots.txt HTTP/1.1")
        #expect(robots.text == "robots")
        #expect(robots.headers["cache-control"] == "no-cache")
        #expect(try await client.ask("GET /echo HTTP/1.1").status == 200)
        #expect(try await client.ask("HEAD / HTTP/1.1").status == 200)
        await server.stop()
    }

    @Test(
        arguments: [
            "/api", "/api/v1/integrations/nothing", "/assets/gone-DiwrgTda.js", "/favicon.ico", "/.env", "/.git/config",
            "/..%2f..%2fetc%2fpasswd", "/a%2f..%2fb", "/..\\..\\etc", "/a%00b",
        ])
    func `says that there is nothing where there is nothing`(path: String) async throws {
        let server = try await served()
        let client = try await server.client()
        let answer = try await client.ask("GET \(path) HTTP/1.1")
        #expect([400, 404].contains(answer.status))
        #expect(!answer.text.contains("nonce"))
        await client.leave()
        await server.stop()
    }

    @Test func `takes no other method`() async throws {
        let server = try await served()
        let client = try await server.client()
        #expect(try await client.ask("DELETE /integrations HTTP/1.1").status == 404)
        await server.stop()
    }

    @Test func `needs an index`() throws {
        #expect(unsafe unlink(folder.file("index.html")) == 0)
        let error = #expect(throws: ServerError.self) { try WebPage(folder: folder.path) }
        #expect(error?.code == .files)
    }
}
