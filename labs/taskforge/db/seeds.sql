-- One statement a table: fifty thousand users through Active Record would take longer than the rest of the boot.
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000)
INSERT INTO users (id, name, email, time_zone, locale, settings)
SELECT n, 'User ' || n, 'user' || n || '@taskforge.example',
       CASE n % 4 WHEN 0 THEN 'Europe/Berlin' WHEN 1 THEN 'America/New_York' WHEN 2 THEN 'Asia/Tokyo' ELSE 'UTC' END,
       CASE n % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'en' ELSE 'ja' END,
       json_object('email', json(CASE n % 10 WHEN 7 THEN 'false' ELSE 'true' END),
                   'push', json(CASE n % 2 WHEN 0 THEN 'true' ELSE 'false' END),
                   'slack', json(CASE n % 5 WHEN 0 THEN 'true' ELSE 'false' END),
                   'devices', json_array('device-' || n || '-phone', 'device-' || n || '-tablet'),
                   'mutedProjects', json_array(n % 40, (n * 7) % 40),
                   'digestHour', n % 24)
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
INSERT INTO projects (id, key, name, description)
SELECT n, 'TF' || n, 'Project ' || n, 'What team ' || n || ' has to do this quarter, and who does it.'
FROM numbers;

WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500)
INSERT INTO tasks (project_id, creator_id, assignee_id, title, description, status, priority, labels, created_at)
SELECT 1 + n % 40, 1 + n % 200, 1 + (n * 13) % 200,
       CASE n % 6 WHEN 0 THEN 'Fix' WHEN 1 THEN 'Review' WHEN 2 THEN 'Write' WHEN 3 THEN 'Measure' WHEN 4 THEN 'Plan'
         ELSE 'Release' END || ' ' ||
       CASE n % 7 WHEN 0 THEN 'login' WHEN 1 THEN 'billing' WHEN 2 THEN 'search' WHEN 3 THEN 'export' WHEN 4 THEN 'calendar'
         WHEN 5 THEN 'upload' ELSE 'report' END || ' ' || n,
       'Found by support in case ' || (n * 31) || '. The steps, the logs and what was tried so far are in the case.',
       CASE n % 3 WHEN 0 THEN 'done' ELSE 'open' END,
       CASE n % 4 WHEN 0 THEN 'high' ELSE 'normal' END,
       CASE n % 2 WHEN 0 THEN 'backend' ELSE 'frontend,customer' END,
       '2024-01-15 10:15:00'
FROM numbers;
