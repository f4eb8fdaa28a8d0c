# Creates tasks on behalf of a user and tells whom they concern.
class TaskService
  @@default_options = { priority: 'normal', notify: true }

  def self.default_options
    @@default_options
  end

  def initialize(actor, overrides = {})
    @actor = actor
    @options = self.class.default_options
    @options.merge!(overrides)
  end

  # @return [Hash] the task as its creator sees it, and who was told of it
  def create(project:, assignee:, title:, description:, labels: [])
    task = Task.create!(
      project: project, creator: @actor, assignee: assignee, title: title, description: description,
      labels: labels.join(','), priority: @options[:priority]
    )
    # The mail, the webhook and the answer all show the same details, so they are put together once.
    @options["details:#{task.reference}"] = details_of(task)
    notified = @options[:notify] ? tell_assignee(task) : []
    OperationCounts.add(:tasks)
    summary_of(task).merge(notified: notified)
  end

  private

  def tell_assignee(task)
    subject = @options["details:#{task.reference}"][:mail][:subject]
    NotificationService.instance.deliver([task.assignee], event: :task_assigned, subject: subject)
  end

  def summary_of(task)
    details = @options["details:#{task.reference}"]
    details[:task].slice(:id, :reference, :title, :priority, :status).merge(url: details[:urls][:show])
  end

  def details_of(task)
    {
      task: task.attributes.symbolize_keys.merge(reference: task.reference, labels: task.label_list),
      project: task.project.attributes.symbolize_keys,
      people: { creator: person(task.creator), assignee: person(task.assignee) },
      urls: %i[show edit watch archive].index_with { |action| "https://taskforge.example/tasks/#{task.reference}/#{action}" },
      mail: { subject: "#{task.creator.name} gave you #{task.reference}: #{task.title}", html: mail_html(task) },
      webhook: { event: 'task.created', delivery: SecureRandom.uuid, body: task.to_json }
    }
  end

  def person(user)
    { id: user.id, name: user.name, email: user.email, time_zone: user.time_zone, locale: user.locale }
  end

  def mail_html(task)
    <<~HTML
      <h1>#{ERB::Util.html_escape(task.title)}</h1>
      <p>#{ERB::Util.html_escape(task.creator.name)} has given you this task in #{ERB::Util.html_escape(task.project.name)}.</p>
      <blockquote>#{ERB::Util.html_escape(task.description)}</blockquote>
      <p>Priority #{task.priority}. Labels: #{ERB::Util.html_escape(task.labels)}.</p>
    HTML
  end
end
