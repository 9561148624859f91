import API
import HTTPServer
import Identifiers
import JSON
import Store
import Synchronization

/// Endpoints that show what happens around handlers, and nothing else.
enum TrialTopic {
    struct Secret: Error, CustomStringConvertible {
        var description: String { "the password is hunter2" }
    }

    /// How often `countTrial` was done.
    static let counted = Atomic<Int64>(0)

    static let topic = Topic(
        "Trial",
        "For tests.",
        schemas: [
            "Trial": .closed(
                .required("name", .text(1...10)),
                .optional("size", .integer(0...100)),
                .optional("inner", .reference("TrialInner"))
            ),
            "TrialInner": .closed(.required("kind", .oneOf(["one", "two"]))),
        ],
        endpoints: [
            Endpoint(
                .post,
                "/trials",
                "createTrial",
                "Gives the content back.",
                body: .json(.reference("Trial"), isRequired: true, limit: 2_000),
                answers: [.ok(.anyObject)]
            ) { .json($0.json ?? .null) },
            Endpoint(
                .get,
                "/trials",
                "listTrials",
                "Counts.",
                parameters: Paging.parameters + [
                    .query("kind", .list(of: .oneOf(["one", "two"])), "Any of them."),
                    .query("since", .time, "From when on."),
                    .query("deep", .bool, "Whether."),
                ],
                answers: [.ok(.page(of: .integer))]
            ) { call in
                _ = (try call.query.texts("kind"), try call.query.time("since"), try call.query.bool("deep"))
                let request = try call.page()
                let start = request.after?.major ?? 0
                let end = min(start + Int64(request.limit), 120)
                let page = Page(items: Array(start..<end), next: end < 120 ? PageKey(end, 0) : nil)
                return call.answer(page) { .integer($0) }
            },
            Endpoint(
                .patch,
                "/trials/{id}",
                "changeTrial",
                "Is at version 7.",
                body: .optionalJSON(.closed()),
                answers: [.ok(.anyObject)],
                isVersioned: true
            ) { call in
                try call.requireMatch(version: 7)
                return Response.json(["id": .string(try call.path.id("id").description)]).tagged(version: 7)
            },
            Endpoint(
                .get,
                "/trials/{id}",
                "getTrial",
                "Is at version 7.",
                answers: [.ok(.anyObject)],
                isVersioned: true
            ) { _ in Response.json(["a": 1]).tagged(version: 7) },
            Endpoint(
                .post,
                "/trials/{id}/count",
                "countTrial",
                "Counts up; refuses the name refused.",
                body: .json(.reference("Trial")),
                answers: [.json(201, "Counted.", .anyObject)]
            ) { call in
                let count = counted.add(1, ordering: .relaxed).newValue
                guard call.json?["name"] != "refused" else { throw Problem.invalid("/name", "refused", "No.") }
                return Response.json(["count": .integer(count)]).located("/trials/1")
            },
            Endpoint(.get, "/trials/failing", "failTrial", "Fails.", answers: [.noContent]) { _ in throw Secret() },
        ]
    )
}
