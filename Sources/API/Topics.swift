/// Every topic of the API, in the order in which the document shows them.
enum Topics {
    static func all(_ context: APIContext) -> [Topic] {
        let files = FileFolder(context.files.folder)
        return [
            ProviderTopic.topic(context),
            ConfigTopic.topic(context, files),
            ConfigTransferTopic.topic(context),
            CredentialTopic.topic(context),
            ConnectionTopic.topic(context),
            MappingTopic.topic(context),
            FunctionTopic.topic(context),
            LookupTopic.topic(context),
            SyncTopic.topic(context),
            RunTopic.topic(context),
            FileTopic.topic(context, files),
            LogTopic.topic(context),
            JobTopic.topic(context),
            OverviewTopic.topic(context),
            AuditTopic.topic(context),
        ]
    }
}
