ActiveRecord::Schema.define(version: 2024_01_15_101500) do
  create_table :users do |t|
    t.string :name, null: false
    t.string :email, null: false
    t.string :time_zone, null: false
    t.string :locale, null: false
    t.text :settings, null: false
  end

  create_table :projects do |t|
    t.string :key, null: false
    t.string :name, null: false
    t.text :description, null: false
  end

  create_table :tasks do |t|
    t.references :project, null: false, index: true
    t.references :creator, null: false, index: false
    t.references :assignee, null: false, index: true
    t.string :title, null: false
    t.text :description, null: false
    t.string :status, null: false, default: 'open'
    t.string :priority, null: false
    t.string :labels, null: false, default: ''
    t.datetime :created_at, null: false
  end

  create_table :notifications do |t|
    t.references :user, null: false, index: true
    t.string :event, null: false
    t.string :channel, null: false
    t.string :subject, null: false
    t.datetime :created_at, null: false
  end
end
