/// Every topic of the API, in the order in which the document shows them.
enum Topics {
    static func all(_ context: APIContext) -> [Topic] {
        [
            ConfigTopic.topic(context),
            FunctionTopic.topic(context),
        ]
    }
}
