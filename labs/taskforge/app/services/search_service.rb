# Finds tasks by words in their titles.
class SearchService
  RESULTS_KEPT = 25
  RESULTS = LruCache.new(RESULTS_KEPT)

  @last_options_keys = 0
  @last_options_filters = 0

  class << self
    # How large the options of the latest search were in the end.
    attr_accessor :last_options_keys, :last_options_filters
  end

  def initialize(user, query)
    @user = user
    @terms = query.to_s.downcase.split.first(5)
  end

  # @return [Array<Hash>]
  def search(options = {})
    options[:limit] ||= 10
    options[:order] ||= { id: :desc }
    options[:filters] ||= []
    @terms.each { |term| options[:filters] << ['LOWER(title) LIKE ?', "%#{Task.sanitize_sql_like(term)}%"] }
    options[:filters] << ['status = ?', options[:status]] if options[:status]

    found = RESULTS.fetch([@user.id, options[:status], @terms]) { find(options) }
    note_size_of(options)
    OperationCounts.add(:searches)
    found
  end

  private

  def find(options)
    tasks = options[:filters].reduce(Task.visible_to(@user)) { |scope, filter| scope.where(*filter) }
    tasks.includes(:project).order(options[:order]).limit(options[:limit]).map do |task|
      { id: task.id, reference: task.reference, title: task.title, status: task.status, snippet: snippet(task) }
    end
  end

  def snippet(task)
    Rails.cache.fetch("snippet/#{task.id}/#{@terms.join(' ')}", expires_in: 10.minutes) do
      text = "#{task.title}. #{task.description}".truncate(160)
      @terms.reduce(text) { |marked, term| marked.gsub(/#{Regexp.escape(term)}/i) { |word| "**#{word}**" } }
    end
  end

  def note_size_of(options)
    self.class.last_options_keys = options.size
    self.class.last_options_filters = options[:filters].size
  end
end
